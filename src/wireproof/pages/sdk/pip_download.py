"""Has pip download one package, as a file that is read and never installed. Pip's own configuration says from where."""

from __future__ import annotations

import re
import subprocess  # pip has no other interface
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.errors import BlockedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A package and, if wanted, one version of it: nothing else of what pip takes, no option and no address.
REQUIREMENT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:==[A-Za-z0-9][A-Za-z0-9.!+_-]*)?")
SECONDS = 300

_OFFLINE = re.compile(
    r"NewConnectionError|Max retries exceeded|Temporary failure|Name or service not known|Connection refused|"
    r"ConnectTimeout|ReadTimeout|timed out|ProxyError|SSLError|Network is unreachable|Could not fetch URL",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(r"No matching distribution found|Could not find a version")
_VERSIONS = re.compile(r"from versions: ([^)]*)\)")
_ADDRESS = re.compile(r"\w+://\S+")


class PackageDownloadError(BlockedError):
    """The package index cannot be reached now; `str` says what pip said."""


@contextmanager
def downloaded(requirement: str) -> Iterator[Path]:
    """Yield the wheel of a package such as `name` or `name==1.2.3`; it is deleted afterwards.

    Raises UsageError for what is no such name, and a package or version that the index does not have;
    PackageDownloadError when the index cannot be reached.
    """
    if not REQUIREMENT.fullmatch(requirement):
        raise UsageError(
            f"{requirement!r} is no name of a package. Expected PACKAGE or PACKAGE==VERSION, such as "
            "binance-sdk-derivatives-trading-usds-futures==18.1.0, or a wheel, source archive or folder that is there."
        )
    with tempfile.TemporaryDirectory(prefix="wireproof-sdk-") as place:
        said = _pip(requirement, place)
        files = sorted(Path(place).iterdir())
        if not files:
            raise _error(requirement, said)
        yield files[0]


def _pip(requirement: str, place: str) -> str:
    """Run pip; return what it said when it failed, else nothing."""
    # It says only with -vv that an index cannot be reached.
    command = [sys.executable, "-m", "pip", "-vv", "--disable-pip-version-check", "--no-input", "download"]
    # Of a source archive pip asks its metadata, which runs its code: only wheels are taken.
    command += ["--no-deps", "--only-binary", ":all:", "--dest", place, requirement]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise PackageDownloadError(
            f"pip has not downloaded {requirement} within {SECONDS} s. Try again, or name a wheel that is there."
        ) from None
    return "" if done.returncode == 0 else done.stderr + done.stdout


def _error(requirement: str, said: str) -> UsageError | PackageDownloadError:
    if "No module named pip" in said:
        return UsageError("pip is not installed here. Install it, or name a wheel, source archive or folder.")
    if _OFFLINE.search(said):
        return PackageDownloadError(
            f"pip cannot reach its package index for {requirement}. Check the connection and pip's configuration "
            "(`pip config list`), or name a wheel that is there."
        )
    if _UNKNOWN.search(said):
        known = _VERSIONS.search(said)
        listed = [one.strip() for one in known[1].split(",")] if known else []
        newest = ", ".join(listed[-5:]) if listed and listed != ["none"] else "none"
        return UsageError(
            f"pip's index has no wheel of {requirement}. Newest versions there: {newest}. A source archive can "
            "be named once it is here: pip would run its code to look at it."
        )
    lines = [line for line in said.splitlines() if line.startswith("ERROR")] or said.splitlines() or ["nothing"]
    return UsageError(f"pip cannot download {requirement}; it said: {_ADDRESS.sub('…', lines[-1])[:300]}")
