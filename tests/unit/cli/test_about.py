"""What shells and other programs ask of the command: completion, and schemas."""

from __future__ import annotations

import json
import subprocess

import pytest
from checkout import ROOT

from wireproof.cli import main
from wireproof.cli.about import SCHEMAS, SHELLS
from wireproof.cli.outputs import OUTPUTS

COMPLETE = """
source ./wireproof
for line in "$@"; do
    COMP_WORDS=($line)
    [ "${line% }" = "$line" ] || COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    _shtab_wireproof
    echo "${COMPREPLY[*]}"
done
"""


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_is_printed_for_each_shell(capsys, shell):
    """With the options of the venue, which other commands do without."""
    assert main(["completion", shell]) == 0
    said = capsys.readouterr().out
    for word in ("judge", "max-notional", "usdm", "algo-lag"):
        assert word in said


def test_bash_completes_commands_options_names_and_files(capsys, tmp_path):
    assert main(["completion", "bash"]) == 0
    (tmp_path / "wireproof").write_text(capsys.readouterr().out, "utf-8")
    (tmp_path / "reports-of-today").mkdir()
    (tmp_path / "pairs.jsonl").touch()
    asked = {
        "wireproof pl": {"plan"},
        "wireproof contracts li": {"list", "lint"},
        "wireproof run --max": {"--max-notional"},
        "wireproof run --target ": {"local", "testnet", "live"},
        "wireproof run --product coin": {"coinm"},
        "wireproof run --reports rep": {"reports-of-today"},
        "wireproof compare --batch pa": {"pairs.jsonl"},
        "wireproof compare --contract usdm/ws-api/ticker.p": {"usdm/ws-api/ticker.price"},
        "wireproof schema contracts-l": {"contracts-list", "contracts-lint"},
        "wireproof venue --prof": {"--profile"},
    }
    done = subprocess.run(
        ["bash", "--norc", "-c", COMPLETE, "bash", *asked], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert [set(line.split()) for line in done.stdout.splitlines()] == list(asked.values()), done.stderr


def test_every_output_has_a_schema():
    """The names are written down twice, as the models take long to import."""
    assert set(SCHEMAS) == set(OUTPUTS)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_schema_is_the_printed_one(capsys, name):
    assert main(["schema", name]) == 0
    printed = capsys.readouterr().out
    file = ROOT / "docs" / "schemas" / f"{name}.schema.json"
    assert file.is_file(), f"wireproof schema {name} > {file}"
    assert printed == file.read_text("utf-8"), f"wireproof schema {name} > {file}"
    assert json.loads(printed)["title"] == name
