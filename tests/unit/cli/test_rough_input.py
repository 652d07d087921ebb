"""Every command that reads a file says in one sentence what is wrong with it, and ends with 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from wireproof.cli import main
from wireproof.errors import ConfigurationError
from wireproof.suite.target import open_target

CONTRACT = "usdm/ws-api/ticker.price"
DEEP = b"[" * 5000 + b"]" * 5000


def _missing(_place):
    return None


def _folder(place):
    place.mkdir()


def _unreadable(place):
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    place.write_bytes(b"{}")
    place.chmod(0)


def _writes(content):
    return lambda place: place.write_bytes(content)


ABSENT = {"missing": _missing, "folder": _folder, "unreadable": _unreadable}
WRONG = {
    "empty": _writes(b""),
    "blank": _writes(b" \n"),
    "binary": _writes(bytes(range(256))),
    "UTF-16": _writes('{"a": 1}\n'.encode("utf-16")),
    "latin-1": _writes('{"a": "\xe9"}\n'.encode("latin-1")),
    "byte order mark": _writes(b"\xef\xbb\xbf{}\n"),
    "deep": _writes(DEEP),
    "cut": _writes(b'{"a": [1, '),
    "another document": _writes(b'["nothing that is wanted"]\n'),
}
EVERY = ABSENT | WRONG


def damaged(kinds):
    return pytest.mark.parametrize("damage", [pytest.param(make, id=name) for name, make in kinds.items()])


def refused(capsys, *arguments):
    """Run a command that must end with 2 and a sentence; return the sentence."""
    assert main([str(one) for one in arguments]) == 2
    printed = "".join(capsys.readouterr())
    assert "Traceback" not in printed
    assert printed.strip()
    return printed


@pytest.fixture
def good(tmp_path):
    place = tmp_path / "good.json"
    place.write_text('{"a": 1}', "utf-8")
    return place


# Not said by `compare`: any JSON document may be documented, and what was received may be anything.
@damaged({name: make for name, make in EVERY.items() if name != "another document"})
def test_compare_needs_a_documented_example_that_it_can_read(tmp_path, good, capsys, damage):
    damage(bad := tmp_path / "bad.json")
    sentence = refused(capsys, "compare", bad, good)
    assert len(sentence.splitlines()) == 1


@damaged(ABSENT)
def test_compare_needs_an_answer_that_it_can_read(tmp_path, good, capsys, damage):
    damage(bad := tmp_path / "bad.json")
    for arguments in (["compare", good, bad], ["compare", "--contract", CONTRACT, bad], ["compare", "--batch", bad]):
        sentence = refused(capsys, *arguments)
        assert len(sentence.splitlines()) == 1
        assert "bad.json cannot be read" in sentence


@damaged({name: make for name, make in WRONG.items() if name != "another document"})
def test_an_answer_that_is_no_json_is_a_finding(tmp_path, good, capsys, damage):
    damage(bad := tmp_path / "bad.json")
    assert main(["compare", str(good), str(bad)]) == 1
    assert "expected object, got" in capsys.readouterr().out


@damaged(EVERY)
def test_a_batch_that_holds_no_pair_is_never_in_order(tmp_path, capfdbinary, damage):
    damage(bad := tmp_path / "bad.jsonl")
    assert main(["compare", "--batch", str(bad)]) == 2
    out, err = capfdbinary.readouterr()
    assert b"error" in out or err.startswith(b"wireproof: ")
    assert b"Traceback" not in out + err


def test_a_batch_names_what_it_cannot_read(tmp_path, capfdbinary):
    (tmp_path / "b.jsonl").write_bytes('{"documented":1,"actual":1}'.encode("utf-16"))
    assert main(["compare", "--batch", str(tmp_path / "b.jsonl")]) == 2
    assert b"UTF-16, where JSON is UTF-8" in capfdbinary.readouterr().out


@pytest.mark.parametrize("file", ["result.json", "observations.jsonl"])
@damaged(EVERY)
def test_what_works_on_the_last_run_says_that_there_is_none(tmp_path, capsys, damage, file):
    damage(tmp_path / file)
    reports = ("--reports", tmp_path)
    if file == "result.json":
        refused(capsys, "waive", "0" * 12, "--reason", "r", "--link", "https://example.org/", *reports)
        refused(capsys, "accept", CONTRACT, *reports)
        assert main(["report", "verdict", "--reports", str(tmp_path)]) == 0
        assert "verdict=unknown" in capsys.readouterr().out
    if file == "result.json" and damage is not _missing:
        sentence = refused(capsys, "contracts", "coverage", *reports)
        assert len(sentence.splitlines()) == 1
    if file == "observations.jsonl":
        refused(capsys, "judge", tmp_path / file, "--no-html", *reports)


@damaged({name: make for name, make in EVERY.items() if name != "missing"})
def test_judging_again_needs_the_result_beside_the_observations(tmp_path, capsys, damage):
    """It says which target was observed."""
    observation = {"case": f"{CONTRACT}/symbol-sent", "contract": CONTRACT, "example": "symbol-sent", "request": "{}"}
    (tmp_path / "observations.jsonl").write_text(json.dumps(observation), "utf-8")
    damage(tmp_path / "result.json")
    refused(capsys, "judge", tmp_path / "observations.jsonl", "--no-html", "--reports", tmp_path / "new")


READ_CONTRACTS = [
    ["plan"],
    ["contracts", "list"],
    ["contracts", "lint"],
    ["contracts", "coverage"],
    ["contracts", "check"],
    ["prove", "--sample", "1"],
    ["compare", "--contract", CONTRACT, __file__],
]


@pytest.mark.parametrize("file", ["product.json", "ws-api/ticker.price.json"])
@damaged(EVERY)
def test_a_broken_store_is_named_by_every_command(contracts, tmp_path, monkeypatch, capsys, damage, file):
    place = contracts / "usdm" / file
    place.unlink()
    if damage is _missing and file != "product.json":
        pytest.skip("a store may lack any contract")
    damage(place)
    monkeypatch.chdir(tmp_path)
    for command in READ_CONTRACTS:
        assert place.name in refused(capsys, *command), command


@pytest.mark.parametrize("command", READ_CONTRACTS, ids=lambda command: " ".join(command[:2]))
@damaged({"missing": _missing, "a file": _writes(b"{}"), "empty": _folder})
def test_a_store_that_is_none_is_named_by_every_command(tmp_path, monkeypatch, capsys, damage, command):
    damage(tmp_path / "nowhere")
    monkeypatch.setenv("WIREPROOF_CONTRACTS", str(tmp_path / "nowhere"))
    monkeypatch.chdir(tmp_path)
    assert "nowhere" in refused(capsys, *command)


@damaged(EVERY)
def test_a_page_that_cannot_be_read_is_named(contracts, tmp_path, capsys, damage):
    damage(bad := tmp_path / "page.html")
    for action in ("import", "diff"):
        assert "page.html" in refused(capsys, "pages", action, bad, "--product", "usdm")


@damaged(EVERY)
def test_a_credentials_file_that_cannot_be_read_is_named(tmp_path, monkeypatch, damage):
    damage(bad := tmp_path / "credentials.json")
    monkeypatch.setenv("WIREPROOF_CREDENTIALS", str(bad))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=r"credentials\.json"):
        open_target("local", [])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
@pytest.mark.parametrize("command", [["contracts", "list"], ["plan"], ["compare", "a.json", "a.json"]], ids=" ".join)
def test_an_output_that_takes_nothing_is_a_sentence_and_4(tmp_path, command):
    (tmp_path / "a.json").write_text("{}", "utf-8")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "wireproof", *command],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 4
    assert done.stderr.decode() == "wireproof: The output cannot be written: No space left on device.\n"


def test_an_output_that_knows_few_characters_gets_escapes(tmp_path):
    """A title has a character that ASCII lacks; a log with escapes is better than a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "wireproof", "contracts", "schema"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
