"""Every option and argument of every command, taken from the parser: a value that it cannot have is one sentence and 2.

A new option is in the table by itself. What it takes shows in its type, its choices or its metavar; an option of which
none says anything fails here, until `BAD` knows its metavar.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from checkout import ROOT

from wireproof.cli import main, parser, run_command, torturing
from wireproof.cli.about import actions_of
from wireproof.ledger.ledger_file import LEDGER, LedgerFile
from wireproof.ledger.model import ContractRecord, PlaceRecord, TargetLedger
from wireproof.run_options import InRange
from wireproof.venue import __main__ as venue_main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTRACT = "usdm/ws-api/ticker.price"

FINDING = {
    "contract": CONTRACT,
    "path": "result.added",
    "kind": "undocumented-field",
    "severity": "additive",
    "expected": "nothing",
    "actual": "integer",
    "fingerprint": "0" * 12,
}
CASE = {
    "id": f"{CONTRACT}/symbol-sent",
    "contract": CONTRACT,
    "product": "usdm",
    "surface": "ws-api",
    "subject": "ticker.price",
    "title": "with a symbol",
    "docs_url": "https://example.org/",
    "kind": "documented",
    "verdict": "additive",
    "findings": [FINDING],
}
RESULT = {"run": "r", "version": "0", "target": "local", "endpoints": {}, "cases": [CASE]}

#: What a command needs beside the option that is tried; the files are made by `place`.
NEEDS = {
    "waive": ["000000000000", "--reason", "r", "--link", "https://example.org/"],
    "accept": ["nonsense"],
    "compare": ["good.json", "good.json"],
    "pages import": ["page.html", "--product", "usdm"],
    "pages diff": ["page.html", "--product", "usdm"],
    "schema": ["result"],
    "completion": ["bash"],
    "export jsonschema": [],
    "judge": ["observations.jsonl"],
    "merge": ["reports", "--into", "merged"],
    "report site": ["--out", "site"],
    "gate": ["--manifest", "manifest.json"],
    "decode": ["--with", "json:loads"],
    "ledger show": [CONTRACT],
    "sources sdk": ["sdk"],
    "sources pages": ["--product", "usdm"],
    "replay": ["reports"],
}
#: What stands before a value, where another one is named first.
BEFORE = {"ledger show PATH": [CONTRACT]}
#: What goes with an option so that its value is looked at.
TOGETHER = {
    "compare --contract": ["good.json"],
    "compare --example": ["--contract", CONTRACT, "good.json"],
    "compare --batch": [],
    "pages import --product": ["page.html"],
    "pages diff --product": ["page.html"],
    "waive FINGERPRINT": ["--reason", "r", "--link", "https://example.org/"],
    "waive --reason": ["000000000000", "--link", "https://example.org/"],
    "waive --link": ["000000000000", "--reason", "r"],
    "merge DIR": ["--into", "merged"],
    "merge --into": ["reports"],
    "report site --out": [],
    "gate --manifest": [],
    "decode --with": [],
    "decode --sdk": [],
    "ledger show PATH": [],
    "sources pages --product": [],
    "run --max-notional": ["--target", "live", "--allow-trading"],
}

NUMBERS = ("", "x", "nan", "inf", "-inf", "1e999", "9" * 5000, "1 2")
NO_FILES = ("", "nowhere/file.json", "folder", "a\0b", "x" * 5000, "binary", "latin1")
NO_PLACES = ("", "nowhere/file.json", "folder", "a\0b", "x" * 5000, "good.json/file")
NO_FOLDERS = ("good.json", "a\0b", "x" * 5000, "good.json/below")
NO_NAMES = ("nonsense", "", "a\0b", "x" * 5000, "\x1b[2J")

#: By metavar, the values that an option cannot have.
BAD: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("N", "MS", "SECONDS", "SCORE"), NUMBERS),
    "N[,N]": ("", "x", "nan", "-1", "1,,2", "9" * 5000),
    **dict.fromkeys(("FILE", "FILE.jsonl", "PAGE", "OBSERVATIONS.jsonl"), NO_FILES),
    "DIR": NO_FOLDERS,
    "MODEL": ("", "no model", "m:C=", "nowhere.at.all", "a\0b"),
    "MODULE": ("", "nowhere.at.all", "a\0b"),
    "FILE=CONTRACT": ("", "x", "nowhere.json=usdm/ws-api/ticker.price", "good.json=nonsense", "a\0b=x"),
    "HOURS": NUMBERS,
    "FUNCTION": ("", "no function", "a:b:c", "nonsense=a:b", "nowhere.at.all:x", "a\0b"),
    **dict.fromkeys(("PRODUCT", "CONTRACT", "CASE", "FINGERPRINT", "KIND", "NAME"), NO_NAMES),
    "WORDS": ("a and", "(", "not"),
    "MARKS": ("a and", "publik", "public and nonsense"),
    "RUN": NO_FILES,
    "RESULT": NO_FILES,
    "PATTERN": ("nonsense", "", "a\0b"),
    "HOST": ("", "not a host", "a\0b", "x" * 5000),
    "PATH": ("nonsense", "a\0b", "x" * 5000, "\x1b[2J"),
    "WHAT": NO_NAMES,
    **dict.fromkeys(("PACKAGE", "OLDER"), ("", "a b", "-x", "nowhere/file.whl", "a==", "https://example.org/x")),
    "DATE": ("", "yesterday", "2026-13-01", "9" * 5000),
    "DAY": ("", "yesterday", "2026-13-01", "9" * 5000),
    "TEXT": ("", " "),
    "URL": ("", "nonsense", "javascript:alert(1)", "a\0b"),
    "OWNER/NAME": ("", "nonsense", "a b/c", "a/b/c", "a\0b", "x" * 5000),
    "REF": ("", "a b", "-x", "a\0b", "x" * 5000),
    "JSON": ("", "x", "[]", "7", '{"kind": "nonsense"}', '{"kind": "silent", "times": NaN}', "[" * 100_000),
}
#: Options that name a file to be written: what is in it already does not matter.
WRITTEN = {
    "venue --credentials",
    "venue --tls",
    "torture --save-plan",
    "torture --json",
    "uses --out",
    "gate --summary",
    "gate --outputs",
}

#: Values that stand for the default.
DEFAULTS = {("venue --name", ""), ("venue --tls", ""), ("compare --example", "")}

#: Where another status is documented, and why.
OTHER: dict[tuple[str, str], tuple[set[int], str]] = {
    **{
        ("compare --batch", value): ({2}, "each line is answered by one, with its error")
        for value in ("binary", "latin1")
    },
}


def commands(of: argparse.ArgumentParser | None = None, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each command that can be called, by its words."""
    of = of or parser(whole=True)
    below = [one for one in of._actions if isinstance(one, argparse._SubParsersAction)]
    for action in below:
        for word, command in action.choices.items():
            yield from commands(command, f"{name} {word}".strip())
    if not below:
        yield name, of


def tried() -> Iterator[Any]:
    """Yield each value that an option cannot have, with the arguments of its command."""
    for name, command in commands():
        for action in command._actions:
            if action.nargs == 0:
                continue
            flag = action.option_strings[-1] if action.option_strings else action.metavar or action.dest
            for value in values_of(f"{name} {flag}", action):
                if (f"{name} {flag}", value) in DEFAULTS:
                    continue
                given = [f"{flag}={value}"] if flag.startswith("--") else [flag, value]
                given = given if action.option_strings else [*BEFORE.get(f"{name} {flag}", ()), value]
                needed = TOGETHER.get(f"{name} {flag}", NEEDS.get(name, [])[0 if action.option_strings else 1 :])
                shown = value if len(value) < 30 else f"{value[:10]}…"
                yield pytest.param(
                    f"{name} {flag}", value, [*name.split(), *given, *needed], id=f"{name} {flag} {shown!r}"
                )


def values_of(option: str, action: argparse.Action) -> tuple[str, ...]:
    """Return the values that an option cannot have."""
    if option in WRITTEN:
        return NO_PLACES
    if action.choices is not None:
        return NO_NAMES
    if isinstance(action.type, InRange):
        beyond = (action.type.least - 1, action.type.most + 1)
        return (*NUMBERS, *(str(one) for one in beyond))
    if action.type in (int, float):
        return NUMBERS
    assert isinstance(action.metavar, str), f"{option}: give it a type, choices or a metavar"
    assert action.metavar in BAD, f"{option}: say in BAD what {action.metavar} cannot be"
    return BAD[action.metavar]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a good file, a page, and what is no file."""
    made = tmp_path_factory.mktemp("place")
    (made / "good.json").write_text(json.dumps({"id": "1", "status": 200, "result": {}}), "utf-8")
    (made / "page.html").write_text("<html><body><h1>Ticker</h1></body></html>", "utf-8")
    (made / "binary").write_bytes(bytes(range(256)) * 4)
    (made / "latin1").write_bytes('{"a": "café"}'.encode("latin-1"))
    (made / "folder").mkdir()
    (made / "reports").mkdir()
    (made / "sdk").mkdir()
    (made / "sdk" / "models.py").write_text("", "utf-8")
    (made / "reports" / "result.json").write_text(json.dumps(RESULT), "utf-8")
    observation = {"case": f"{CONTRACT}/symbol-sent", "contract": CONTRACT, "request": "{}"}
    sighted = ContractRecord(answers=1, places={"result.price": PlaceRecord(answers=1, could=1)})
    ledger = TargetLedger(target="local", contracts={CONTRACT: sighted})
    (made / "reports" / LEDGER).write_bytes(LedgerFile(ledgers={"local": ledger}).encoded())
    (made / "observations.jsonl").write_text(json.dumps(observation), "utf-8")
    read = {"path": "result.price", "by": "m.C.price"}
    manifest = {"client": {"name": "c"}, "contracts": {CONTRACT: {"reads": [read]}}}
    (made / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    (made / "contracts" / "usdm" / "ws-api").mkdir(parents=True)
    for name in ("product.json", "ws-api/ticker.price.json"):  # few, as each command reads all of them
        shutil.copy(ROOT / "contracts" / "usdm" / name, made / "contracts" / "usdm" / name)
    return made


@pytest.fixture
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no command begin what it is for: by then its options were refused."""

    def begun(*_: object, **__: object) -> Any:
        raise AssertionError("it was not refused")

    monkeypatch.setattr(run_command, "_pytest", begun)
    monkeypatch.setattr(torturing, "_prove", begun)
    monkeypatch.setattr(venue_main, "serve", begun)


@pytest.mark.usefixtures("nothing_runs")
@pytest.mark.parametrize(("option", "value", "arguments"), list(tried()))
def test_a_value_that_an_option_cannot_have_is_one_sentence_and_2(
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    option: str,
    value: str,
    arguments: list[str],
) -> None:
    monkeypatch.chdir(place)
    (place / "reports" / "result.json").write_text(json.dumps(RESULT), "utf-8")  # a run that is refused forgets it
    for name in [name for name in os.environ if name.startswith("WIREPROOF_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WIREPROOF_CONTRACTS", "contracts")
    statuses, why = OTHER.get((option, value), ({2}, ""))
    status = main(arguments)
    out, err = capsys.readouterr()
    assert status in statuses, out + err
    assert "Traceback" not in out + err
    if why:
        return
    lines = err.splitlines()
    assert len(lines) == 1, err
    assert len(err) < 5000
    flag = option.rpartition(" ")[2]
    what = re.split(r"\W", flag.strip("-"))[0].lower()  # a product, a contract, a file
    assert flag in err or f"{what} " in err.lower() or (value and value[:30] in err), err


def test_every_option_says_what_it_is_for() -> None:
    silent = [action for action in actions_of(parser(whole=True)) if not action.help]
    assert [one.dest for one in silent if not isinstance(one, argparse._SubParsersAction)] == []


@pytest.mark.parametrize(("name", "command"), [pytest.param(*one, id=one[0]) for one in commands()])
def test_every_command_has_examples_that_it_takes(name: str, command: Any) -> None:
    assert command.description
    assert command.examples, f"{name} has no example"
    for example in command.examples:
        words = shlex.split(example, comments=True)
        words = words[: next((at for at, word in enumerate(words) if word in {">", ">>", "<", "|"}), len(words))]
        assert words[: 1 + len(name.split())] == ["wireproof", *name.split()], example
        parsed, rest = parser(whole=True).parse_known_args(words[1:])
        assert (callable(parsed.command), rest) == (True, []), example
