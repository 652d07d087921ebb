"""`wireproof init` writes what a client's repository needs, once, and nothing over what is there."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING

import pytest

from wireproof.cli import main
from wireproof.contract.overlay import overlay_folder
from wireproof.drift.waivers import load_waivers
from wireproof.project_settings import read_settings

if TYPE_CHECKING:
    from pathlib import Path

WORKFLOW = ".github/workflows/wireproof.yml"
PROJECT = '[project]\nname = "client"  # ours\nversion = "1"\n\n[tool.ruff]\nline-length = 100\n\n\n'


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the repository of a client library, which commands run in."""
    (tmp_path / "pyproject.toml").write_text(PROJECT, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def content(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_it_writes_what_wireproof_then_reads(client: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--product", "usdm,coinm", "--target", "live"]) == 0
    assert "write the repository of wireproof for OWNER/wireproof" in capsys.readouterr().out
    assert sorted(content(client)) == [
        WORKFLOW,
        ".vscode/settings.json",
        "pyproject.toml",
        "wireproof/coinm/waivers.json",
        "wireproof/contract.schema.json",
        "wireproof/usdm/waivers.json",
    ]
    text = (client / "pyproject.toml").read_text("utf-8")
    assert text.startswith(PROJECT.rstrip() + "\n\n[tool.wireproof]\n")
    settings = read_settings(client)
    assert (settings.target, settings.products, settings.fail_on) == ("live", ("usdm", "coinm"), "breaking")
    assert settings.overlay == overlay_folder({}) == client / "wireproof"
    assert load_waivers(client / "wireproof/usdm/waivers.json").waivers == ()
    [mapping] = json.loads((client / ".vscode/settings.json").read_text("utf-8"))["json.schemas"]
    assert (client / mapping["url"]).is_file()
    assert "/wireproof/*/ws-api/*.json" in mapping["fileMatch"]


def test_its_workflow_runs_with_the_settings_and_pins_what_it_uses(client: Path) -> None:
    assert main(["init", "--repository", "acme/wireproof", "--ref", "v1"]) == 0
    text = (client / WORKFLOW).read_text("utf-8")
    assert 'pip install "wireproof @ git+https://github.com/acme/wireproof@v1"' in text
    assert "run: wireproof run --no-html\n" in text, "target, products and bar are those of pyproject.toml"
    used = re.findall(r"uses: (.*)", text)
    assert len(used) == 3
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", one) for one in used)
    assert "{" not in re.sub(r"\$\{\{ (secrets\.\w+|!cancelled\(\)) \}\}", "", text), "nothing is left to be filled in"


def test_twice_is_as_once(client: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init"])
    before = content(client)
    capsys.readouterr()
    assert main(["init"]) == 0
    assert content(client) == before
    said = capsys.readouterr().out
    assert said.count("as it should be") == 4
    assert "pyproject.toml: has [tool.wireproof] already" in said


def test_what_is_there_is_not_written_over(client: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --force the workflow is, but no waiver, setting or editor setting of the client's."""
    own = {
        WORKFLOW: "name: ours\n",
        ".vscode/settings.json": "// ours\n{}\n",
        "wireproof/usdm/waivers.json": '{"waivers": [ ]}',
        "pyproject.toml": '[tool.wireproof]\ntarget = "live"\n',
    }
    for name, text in own.items():
        (client / name).parent.mkdir(parents=True, exist_ok=True)
        (client / name).write_text(text, "utf-8")
    assert main(["init"]) == 0
    assert {name: (client / name).read_text("utf-8") for name in own} == own
    said = capsys.readouterr().out
    assert f"{WORKFLOW}: differs, left as it is (--force writes it anew)" in said
    assert 'add to it: { "json.schemas"' in said
    assert main(["init", "--force"]) == 0
    changed = {name for name in own if (client / name).read_text("utf-8") != own[name]}
    assert changed == {WORKFLOW}


@pytest.mark.parametrize(
    ("text", "said"),
    [("[tool", "cannot be read"), ("tool = {ruff = {}}\n", "cannot take a table at its end"), ("tool = 1\n", "table")],
)
def test_a_pyproject_that_cannot_take_the_table_is_refused_before_anything_is_written(
    client: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    (client / "pyproject.toml").write_text(text, "utf-8")
    assert main(["init"]) == 2
    assert said in capsys.readouterr().err
    assert content(client) == {"pyproject.toml": text.encode()}


def test_without_a_pyproject_one_is_begun(client: Path) -> None:
    (client / "pyproject.toml").unlink()
    assert main(["init"]) == 0
    assert list(tomllib.loads((client / "pyproject.toml").read_text("utf-8"))["tool"]) == ["wireproof"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["nowhere"], "nowhere is no folder"), (["--product", "usdn"], "Did you mean 'usdm'?")],
)
def test_what_cannot_be_meant_is_refused(
    client: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["init", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert list(content(client)) == ["pyproject.toml"]
