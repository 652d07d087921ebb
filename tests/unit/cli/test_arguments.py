"""The parser: sentences with the nearest name, groups and examples in its help."""

from __future__ import annotations

import pytest

from wireproof.cli import main, parser
from wireproof.cli.arguments import Parser, add_expressions, add_run_options, folder, refuse_unwritable
from wireproof.errors import UsageError
from wireproof.run_options import ONE_PROCESS


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["plna"], "COMMAND: there is no 'plna'. Did you mean 'plan'? Known: accept, "),
        (["contracts", "chekc"], "ACTION: there is no 'chekc'. Did you mean 'check'? Known: "),
        (["plan", "--targte", "live"], "nothing here takes '--targte'. Did you mean '--target'? Known: "),
        (["plan", "--target", "testent"], "--target: there is no 'testent'. Did you mean 'testnet'? Known: "),
        (["plan", "usdm"], "nothing here takes 'usdm'. See `wireproof plan --help`."),
        (["venue", "--profile", "tesnet"], "--profile: there is no 'tesnet'. Did you mean 'testnet'?"),
        (["completion", "bsh"], "SHELL: there is no 'bsh'. Did you mean 'bash'?"),
        ([], "the following arguments are required: COMMAND. See `wireproof --help`."),
    ],
)
def test_what_is_misspelt_is_said_with_the_nearest_name(capsys, arguments, said):
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"wireproof: {said}")
    assert err.count("\n") == 1


def test_help_has_groups_and_leaves_examples_as_they_are():
    command = Parser(prog="p", description="d " * 100, examples=("p --product usdm   # " + "x" * 200,))
    add_run_options(command, "product", "fail_on")
    add_expressions(command)
    said = command.format_help()
    assert "\nwhat is sent:\n  --product PRODUCT" in said
    assert said.index("-m MARKS") < said.index("\njudging:\n")
    assert said.endswith("examples:\n  p --product usdm   # " + "x" * 200 + "\n")


def test_help_of_a_run_has_every_option_of_a_run(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["run", "--help"])
    assert stopped.value.code == 0
    said = capsys.readouterr().out
    for option in (
        "--allow-trading",
        "--max-notional",
        "--answer-timeout",
        "--show-values",
        "--no-confirm",
        "-k",
        "-m",
    ):
        assert f"  {option}" in said


def test_what_a_command_passes_on_is_left_over():
    _, rest = parser().parse_known_args(["run", "-x", "--lf", "-k", "a"])
    assert rest == ["-x", "--lf"]


def test_a_file_in_place_of_a_folder_is_refused_and_so_is_a_file_that_cannot_be_written(tmp_path):
    (file := tmp_path / "file").touch()
    assert folder("--into", str(tmp_path / "new")) == tmp_path / "new"
    with pytest.raises(UsageError, match=r"--into: .*file is a file, and a folder is needed there"):
        folder("--into", str(file / "below"))
    refuse_unwritable("--json", str(file))
    with pytest.raises(UsageError, match=r"--json: .* is a folder"):
        refuse_unwritable("--json", str(tmp_path))
    with pytest.raises(UsageError, match="--json: there is no folder"):
        refuse_unwritable("--json", str(tmp_path / "new" / "file"))


@pytest.mark.parametrize("workers", [["-n", "4"], ["-n4"], ["-n=auto"], ["--dist", "load"], ["--numprocesses=2"]])
@pytest.mark.parametrize("command", ["run", "judge"])
def test_workers_are_refused_with_a_sentence(capsys, tmp_path, monkeypatch, command, workers):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "observations.jsonl").write_text('{"case": "c", "contract": "c"}', "utf-8")
    assert main([command, *workers]) == 2
    assert capsys.readouterr().err == f"wireproof: {ONE_PROCESS}\n"
