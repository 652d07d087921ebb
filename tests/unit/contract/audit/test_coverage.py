"""What the store documents and what exercises it."""

from __future__ import annotations

from made_contracts import made_contract
from msgspec.structs import replace

from wireproof.contract.audit.coverage import coverage
from wireproof.contract.model import Case, Event, Example, Request, Security, Stream, Surface, Weight
from wireproof.contract.store import load_store

REQUEST = Request(method="depth", security=Security.NONE, weight=Weight(ip=1))
CASES = (Case(id="a", title="A"),)
NAMED_IN_THE_CHANGE_LOG_ONLY = [
    "portfolio-margin-pro/rest/GET.papi.v1.unimmr.notification",
    "portfolio-margin-pro/rest/POST.papi.v1.unimmr.notification",
    "portfolio-margin-pro/event/uniMMRDrop",
]
EXAMPLES = (Example(name="default", response={}),)


def contract(name, **changes):
    base = made_contract(*EXAMPLES, name=name, surface=Surface.WS_API, subject=REQUEST, cases=CASES)
    return replace(base, **changes)


def test_rows_count_documented_with_example_and_with_case():
    report = coverage([contract("a"), contract("b", cases=(), no_case="no testnet"), contract("c", examples=())])
    row = report.rows[0]
    assert (row.documented, row.with_example, row.with_case, row.exercised) == (3, 2, 2, None)
    assert report.without_case == {"no testnet": ["usdm/ws-api/b"]}
    assert report.without_example == ["usdm/ws-api/c"]


def test_a_contract_without_case_and_reason_is_told_as_such():
    assert coverage([contract("a", cases=())]).without_case == {"no reason given": ["usdm/ws-api/a"]}


def test_what_was_retired_is_listed_and_not_counted():
    report = coverage([contract("a"), contract("b", cases=(), retired="2026-06-30")])
    assert (report.rows[0].documented, report.without_case) == (1, {})
    assert report.lines()[-2:] == ["retired (1):", "  usdm/ws-api/b since 2026-06-30"]


def test_exercised_is_what_a_run_answered_and_judged():
    verdicts = {"a": "conforms", "b": "breaking", "c": "blocked", "d": "broken", "e": None}
    result = {"cases": [{"contract": f"usdm/ws-api/{name}", "verdict": verdict} for name, verdict in verdicts.items()]}
    assert coverage([contract(name) for name in "abcdef"], result).rows[0].exercised == 2


def test_totals_are_per_kind():
    session = replace(REQUEST, method="session.logon")
    stream = contract("s", id="usdm/stream/s", surface=Surface.STREAM, subject=Stream(name="s"))
    told = {"subject": Stream(name="SUBSCRIBE", command=True)}
    command = contract("c", id="usdm/stream/control.SUBSCRIBE", surface=Surface.STREAM, **told)
    event = contract("e", id="usdm/event/e", surface=Surface.EVENT, subject=Event(name="e"), cases=())
    lines = coverage([contract("a"), contract("l", subject=session), stream, command, event]).lines()
    table = {tuple(line.split()[:-4]): line.split()[-4:] for line in lines if line.startswith(("usdm", "all"))}
    assert table["usdm", "ws-api"] == ["1", "1", "1", "-"]
    assert table["usdm", "ws-api", "session"] == ["1", "1", "1", "-"]
    assert table["all", "requests"] == ["1", "1", "1", "-"]
    assert table["all", "session", "requests"] == ["1", "1", "1", "-"]
    assert table["all", "streams"] == ["1", "1", "1", "-"]
    assert table["all", "stream", "commands"] == ["1", "1", "1", "-"]
    assert table["all", "events"] == ["1", "1", "0", "-"]
    assert lines[-2:] == ["no case, no reason given (1):", "  usdm/event/e"]


def test_the_store_documents_everything_with_an_example_and_says_why_there_is_no_case():
    report = coverage(load_store().contracts.values())
    documented = dict.fromkeys(("requests", "stream", "event"), 0)
    for row in report.rows:
        kind = "requests" if row.surface in {"ws-api", "rest"} else row.surface
        documented[kind] = documented.get(kind, 0) + row.documented
    assert (documented["requests"], documented["stream"], documented["event"]) == (359, 49, 37)
    assert report.without_example == NAMED_IN_THE_CHANGE_LOG_ONLY
    assert "no reason given" not in report.without_case
