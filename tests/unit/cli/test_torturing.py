"""`wireproof torture`, with a suite of a few lines in place of the real one: what it says and how it ends."""

from __future__ import annotations

import asyncio
import json

import jsonschema_rs
import pytest
from checkout import ROOT
from multidict import CIMultiDict

from wireproof.cli import main
from wireproof.torture import proof
from wireproof.torture.relay import HttpAnswer, HttpRequest
from wireproof.torture.suite_runs import SuiteOutcome
from wireproof.torture.traffic import Served

CONTRACT = "usdm/rest/GET.fapi.v1.time"
OTHER = "usdm/rest/GET.fapi.v1.openInterest"
BODY = b'{"serverTime":1499827319559}'


class Suite:
    """Asks for the time, compares it with what it knows, and says so; blind, accusing or blocked where it is told."""

    def __init__(self, monkeypatch):
        self.is_blind, self.accuses, self.verdict, self.runs = False, False, "conforms", 0
        monkeypatch.setattr(proof, "run_suite", self.run)

    async def run(self, _setting, _hosts, make_hooks, _options=()):
        """Stand in for a run of the suite."""
        self.runs += 1

        async def forward(_request):
            return HttpAnswer(200, CIMultiDict({"X-MBX-USED-WEIGHT-1M": "1"}), BODY)

        hooks = make_hooks(Served(rest="usdm"))
        answer = await hooks.http(HttpRequest("GET", "/fapi/v1/time", CIMultiDict()), forward)
        differs = (answer.status, answer.body) != (200, BODY) or "X-MBX-USED-WEIGHT-1M" not in answer.headers
        cases = [self.case(CONTRACT, differs and not self.is_blind, answer), self.case(OTHER, self.accuses and differs)]
        return SuiteOutcome(1, {"cases": cases}, "")

    def case(self, contract, deviates, answer=None):
        """Return the result of a case."""
        path = "serverTime" if answer is None or answer.status == 200 else ""
        names = ("missing-field", "type-changed", "undocumented-field", "repeated-key", "unparseable", "status-changed")
        shown = answer.body.decode() if answer is not None else ""
        found = [
            {"path": path, "kind": kind, "severity": "breaking", "actual": shown, "fingerprint": kind} for kind in names
        ]
        return {
            "id": f"{contract}/one",
            "contract": contract,
            "product": "usdm",
            "surface": "rest",
            "kind": "documented",
            "verdict": "breaking" if deviates else self.verdict,
            "findings": found if deviates else [],
            "reason": "maintenance" if self.verdict == "blocked" else "",
        }


@pytest.fixture
def suite(monkeypatch):
    return Suite(monkeypatch)


def torture(*options):
    return main(["torture", "--product", "usdm", *options])


def test_all_found_ends_in_zero(suite, capsys):
    """A suite that sees everything: a table, a last line, exit status 0; a run to learn and one for each round."""
    assert torture("--count", "3") == 0
    said = capsys.readouterr()
    assert said.out.rstrip().endswith(
        "3 alterations in 3 runs: 3 found, 0 missed, 0 explained; 0 cases wrongly accused."
    )
    assert "unaltered run: learning the traffic" in said.err
    assert suite.runs == 4


def test_a_blind_suite_ends_in_one_and_says_how_to_repeat(suite, capsys):
    """Each miss is a line that names what was altered where, and the options that choose it again."""
    suite.is_blind = True
    assert torture("--count", "3", "--seed", "2", "--kind", "null") == 1
    missed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("missed")]
    assert len(missed) == 1
    assert f"#0 {CONTRACT} (success) null serverTime, before 1499827319559: 1 conforms" in missed[0]
    assert "[again: --seed 2 --count 3 --product usdm --kind null --index 0]" in missed[0]


def test_a_wrong_accusation_ends_in_one(suite, capsys):
    """Another contract that breaks is named with what was altered."""
    suite.accuses = True
    assert torture("--count", "1") == 1
    assert f"wrongly accused  {OTHER}/one is breaking" in capsys.readouterr().out


def test_a_target_that_is_not_judged_proves_nothing(suite, capsys):
    """A blocked run without alterations ends in 3, with a sentence."""
    suite.verdict = "blocked"
    assert torture() == 3
    assert "The unaltered run judged 0 of 2 cases" in capsys.readouterr().err


def test_a_plan_is_saved_and_carried_out_again(suite, tmp_path, capsys):
    """What was chosen is written, read again and altered without learning; a proof holds its plan."""
    plan, result = tmp_path / "plan.json", tmp_path / "proof.json"
    assert torture("--count", "4", "--save-plan", str(plan)) == 0
    assert suite.runs == 1
    assert torture("--plan", str(plan), "--json", str(result)) == 0
    assert suite.runs == 5
    assert torture("--plan", str(result), "--index", "2,0") == 0
    assert suite.runs == 7
    written = json.loads(result.read_text("utf-8"))
    schema = json.loads((ROOT / "docs/schemas/torture.schema.json").read_text("utf-8"))
    jsonschema_rs.validator_for(schema).validate(written)
    assert [one["fate"] for one in written["verdicts"]] == ["found"] * 4
    assert written["verdicts"][1]["alteration"] == json.loads(plan.read_text("utf-8"))["alterations"][1]
    assert "0 missed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--kind", "remove"], "There is no kind 'remove'. Did you mean 'removed'?"),
        (["--count", "0"], "--count: takes a whole number from 1 to 1,000,000, not '0'."),
        (["--surface", "stream", "--kind", "html"], "No alteration fits"),
        (["--index", "x"], "--index takes numbers"),
        (["--index", "9999"], "there is no alteration 9999"),
        (["--plan", "nowhere.json"], "nowhere.json cannot be read"),
        (["--product", "options", "--surface", "ws-api"], "it has no cases"),
    ],
)
def test_what_cannot_be_done_is_said(suite, capsys, options, words):
    """Exit status 2, one sentence."""
    assert torture(*options) == 2
    assert words in capsys.readouterr().err


def test_a_file_that_holds_no_plan_is_said(suite, tmp_path, capsys):
    """Neither JSON of another form nor no JSON at all is a plan."""
    for content in ("{}", "no json", "[" * 100_000):
        file = tmp_path / "plan.json"
        file.write_text(content, "utf-8")
        assert torture("--plan", str(file)) == 2
        assert "holds no plan" in capsys.readouterr().err


def test_contracts_that_deviate_by_themselves_are_left_out(suite, capsys):
    """What breaks without any alteration is named, and not altered."""

    async def run(*arguments, **more):
        found = await Suite.run(suite, *arguments, **more)
        return SuiteOutcome(1, {"cases": [{**found.cases[0], "verdict": "breaking"}, found.cases[1]]}, "")

    proof.run_suite = run  # the fixture puts it back
    assert torture() == 2
    assert "No alteration fits" in capsys.readouterr().err


def test_nothing_else_runs_in_the_loop_afterwards(suite):
    """The command leaves no event loop behind."""
    torture("--count", "1")
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
