"""What a run did not see, in words: a green run that proved little says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from allure_commons import model2

from wireproof.drift.finding import Kind, Verdict
from wireproof.drift.seen_fields import Sight, UnseenField
from wireproof.escape import code
from wireproof.report.allure import AllureCases, _labels
from wireproof.report.history import History
from wireproof.report.summary import summary_markdown, terminal_summary
from wireproof.report.unseen import case_sentence, idle_lines, places, sight_sentence
from wireproof.results.model import Blockage, Idle, RunResult
from wireproof.results.run_summary import gather
from wireproof.suite.running.compile_run import NOT_SELECTED

if TYPE_CHECKING:
    from conftest import Results

TRADES = "usdm/rest/GET.fapi.v1.allForceOrders"
EMPTY = UnseenField(path="[]", why="empty", fields=14)
ABSENT = [UnseenField(path=name, why="absent", fields=1) for name in ("result.activatePrice", "result.priceRate")]


def seen_in_part(results: Results, **fields: Any) -> RunResult:
    """Return a run in which one contract answered with an empty list and one left two fields out."""
    sights = [
        Sight(contract="usdm/ws-api/order.place", fields=24, seen=22, unseen=tuple(ABSENT)),
        Sight(contract=TRADES, fields=14, seen=0, unseen=(EMPTY,)),
        Sight(contract="usdm/ws-api/ticker.price", fields=3, seen=3),
    ]
    run = results.run(results.case("a"), sights=sights, **fields)
    run.coverage[0].shown_empty = 1
    return run


def test_one_sentence_says_how_much_was_seen(results: Results) -> None:
    assert sight_sentence(gather(seen_in_part(results))) == (
        "Documented fields seen: 25 of 41 in 3 contracts that answered; "
        "1 contract answered with hardly more than empty lists."
    )
    whole = results.run(sights=[Sight(contract=TRADES, fields=14, seen=14)])
    assert sight_sentence(gather(whole)) == "Documented fields seen: 14 of 14 in 1 contract that answered."
    assert sight_sentence(gather(results.run())) == ""


def test_a_contract_that_only_refused_is_named(results: Results) -> None:
    """Refusals that are documented conform, and show nothing of the answer."""
    refused = results.case("rejects/x", contract="usdm/rest/POST.fapi.v1.order", kind="rejection")
    run = results.run(refused, results.case("a"), sights=[Sight(contract="usdm/ws-api/order.place", fields=3, seen=3)])
    assert (
        sight_sentence(gather(run))
        == "Documented fields seen: 3 of 3 in 1 contract that answered; 1 more contract only refused."
    )
    assert "- `usdm/rest/POST.fapi.v1.order`: only refused, so none of its documented fields" in summary_markdown(
        gather(run), History()
    )


def test_the_summary_lists_contracts_with_what_they_never_showed(results: Results) -> None:
    """The emptiest first; a contract that showed everything has no line."""
    text = summary_markdown(gather(seen_in_part(results)), History())
    assert "Documented fields seen: 25 of 41" in text
    assert (
        "## Documented fields that no answer showed\n\n"
        f"- `{TRADES}` (**shown empty**): 0 of 14 seen; always empty: `[]` (14 fields)\n"
        "- `usdm/ws-api/order.place`: 22 of 24 seen; "
        "always absent: `result.activatePrice`, `result.priceRate`\n"
    ) in text
    assert "| product | surface | documented | exercised | shown empty | conforming | cases exercised |" in text
    assert "| USDⓈ-M futures | WebSocket API | 21 | 1 | 1 | 1 | 1 of 1 |" in text


def test_the_terminal_names_contracts_that_showed_nothing(results: Results) -> None:
    lines = terminal_summary(gather(seen_in_part(results)), History(), 120)
    assert "             documented   exercised  shown empty  conforming       cases" in lines
    assert "usdm ws-api          21           1            1           1         1/1" in lines
    assert f"shown empty: {TRADES}" in lines
    assert not any("priceRate" in line for line in lines)


def test_places_are_grouped_by_reason_and_many_are_counted() -> None:
    many = [UnseenField(path=f"a{n}", why="absent", fields=1) for n in range(15)]
    said = places([*many, EMPTY, UnseenField(path="f[]", why="no filterType LOT", fields=3)], code, always="always ")
    assert said.startswith("always absent: `a0`, `a1`, ")
    assert "`a11`, 3 more; always empty: `[]` (14 fields); no filterType LOT: `f[]` (3 fields)" in said
    known = [UnseenField(path=name, why="absent", fields=1, because="nothing trails") for name in "ab"]
    assert places([*known, *many[:1]], code) == "absent: `a`, `b` (nothing trails); absent: `a0`"
    assert places([UnseenField(path="", why="no documented answer", fields=9)], code) == (
        "no documented answer: `the whole answer` (9 fields)"
    )


def test_a_case_with_an_empty_answer_says_so(results: Results) -> None:
    case = results.case("a", fields=14, unseen=[EMPTY])
    assert case_sentence(case) == (
        "**shown empty**: the answer was hardly more than empty lists, so it proves little. "
        "Documented fields not shown, 14 of 14: empty: `[]` (14 fields)."
    )
    assert ("tag", "shown empty") in _labels(case, "Options", "local")


def test_a_case_that_left_out_a_field_is_no_empty_case(results: Results) -> None:
    case = results.case("a", fields=24, unseen=ABSENT)
    assert case_sentence(case) == (
        "Documented fields not shown, 2 of 24: absent: `result.activatePrice`, `result.priceRate`."
    )
    assert ("tag", "shown empty") not in _labels(case, "Options", "local")
    assert case_sentence(results.case("a", fields=24)) == ""


def test_a_missing_field_is_not_told_twice(results: Results) -> None:
    """It stands among the findings already, waived or not."""
    missing = results.finding("result.priceRate", Kind.MISSING_FIELD)
    for fields in ({"findings": [missing]}, {"waived": [results.waived(missing)]}):
        case = results.case("a", fields=24, unseen=ABSENT, **fields)
        assert case_sentence(case) == "Documented fields not shown, 1 of 24: absent: `result.activatePrice`."


def test_every_reason_names_its_contracts(results: Results) -> None:
    run = results.run(
        results.case("a"),
        idle=[
            Idle(reason="needs a grid strategy", contracts=["usdm/event/GRID_UPDATE", "coinm/event/GRID_UPDATE"]),
            Idle(reason="live is read-only", contracts=[f"usdm/rest/{n}" for n in range(20)]),
            Idle(reason=NOT_SELECTED, contracts=["usdm/rest/x"] * 400),
        ],
    )
    assert idle_lines(run)[0] == "`usdm/event/GRID_UPDATE`, `coinm/event/GRID_UPDATE`: needs a grid strategy"
    assert idle_lines(run)[1].endswith("`usdm/rest/18`, `usdm/rest/19`: live is read-only")
    assert idle_lines(run)[2] == "400 contracts not selected"
    lines = terminal_summary(gather(run), History(), 200)
    assert "not exercised: usdm/event/GRID_UPDATE, coinm/event/GRID_UPDATE: needs a grid strategy" in lines
    assert "400 contracts not selected" in lines
    assert any(line.endswith("usdm/rest/4 and 15 more contracts: live is read-only") for line in lines)


def test_a_silent_stream_is_not_called_skipped(results: Results) -> None:
    """What was watched in vain stands apart from what was never sent, with its name."""
    silent = results.case("all", None, contract="usdm/stream/x", reason="not observed in 5 s: nobody traded")
    run = results.run(silent, results.case("a", None, reason="no key"))
    text = summary_markdown(gather(run), History())
    assert "- 1 case not observed in 5 s: nobody traded (usdm/stream/x/all)" in text
    assert "- 1 case skipped: no key" in text
    assert "- verdicts: 1 not observed, 1 skipped" in text
    assert ("verdict", "not observed") in _labels(silent, "Options", "local")


def test_a_silent_contract_is_told_once(results: Results) -> None:
    """Its contract's line says all that the line of its case would."""
    silent = results.case("all", None, contract="usdm/stream/x", reason="not observed in 5 s: nobody traded")
    run = results.run(silent, idle=[Idle(reason=silent.reason, contracts=[silent.contract])])
    assert summary_markdown(gather(run), History()).count("nobody traded") == 1


def test_long_reasons_are_wrapped_not_cut(results: Results) -> None:
    reason = "needs a grid strategy that was started in the app; no request starts one, nor does any other way"
    run = results.run(results.case("a"), idle=[Idle(reason=reason, contracts=["usdm/event/GRID_UPDATE"])])
    lines = terminal_summary(gather(run), History(), 60)
    assert reason in " ".join(line.strip() for line in lines)
    assert max(map(len, lines[lines.index("") :])) <= 200


def test_an_empty_answer_stands_in_the_title(results: Results) -> None:
    """The overview of the HTML report shows titles: a green one must not hide that nothing was seen."""
    cases = AllureCases()
    case = results.case("a", Verdict.CONFORMS, fields=14, unseen=[EMPTY])
    cases.describe(case)
    result = model2.TestResult(name="t")
    result.labels = [model2.Label("case", case.id)]
    cases.report_result(result)
    assert result.name == "a a order · shown empty"
    assert "**shown empty**: the answer was hardly more than empty lists" in result.description


def test_what_was_blocked_is_told_once_in_the_terminal(results: Results) -> None:
    """The banner and the line of the cases say it; summary.md lists the contracts as well."""
    case = results.case("a", Verdict.BLOCKED, reason="it answered 451")
    run = results.run(case, idle=[Idle(reason="blocked: it answered 451", contracts=[case.contract])])
    assert "\n".join(terminal_summary(gather(run), History(), 100)).count("answered 451") == 1
    assert f"- `{case.contract}`: blocked: it answered 451\n" in summary_markdown(gather(run), History())


def test_a_run_that_reached_nothing_does_not_list_what_it_did_not_reach(results: Results) -> None:
    """Its banner says all; the terminal stays short."""
    reason = ("It answered 451. " * 20).strip()
    run = results.run(
        results.case("a", Verdict.BLOCKED, reason=reason),
        blocked=[Blockage(host="testnet.example.org", reason=reason)],
        idle=[Idle(reason="needs a grid strategy", contracts=["usdm/event/GRID_UPDATE"])],
    )
    lines = terminal_summary(gather(run), History(), 80)
    assert not any("grid strategy" in line for line in lines)
    [said] = [line for line in lines if line.startswith("1 case blocked: It answered 451. ")]
    assert "\n".join(lines).count("451") == 20 + said.count("451")


def test_why_single_cases_were_blocked_is_said_whole_and_once(results: Results) -> None:
    """No banner says it; the id of each request does not make it another reason."""
    why = "depth (id {}) was not answered within 2 s, though the connection was open and answered others meanwhile."
    cases = [results.case(name, Verdict.BLOCKED, reason=why.format(uuid4())) for name in "abc"]
    lines = terminal_summary(gather(results.run(*cases, results.case("d"))), History(), 80)
    [first] = [number for number, line in enumerate(lines) if "blocked: " in line]
    assert " ".join(map(str.strip, lines[first : first + 2])) == f"3 cases blocked: {why.replace(' (id {})', '')}"
