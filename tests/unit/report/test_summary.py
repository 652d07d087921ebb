"""What a person reads first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wireproof.drift.baseline import Gone
from wireproof.drift.finding import Kind, Severity, Verdict
from wireproof.report.allure import end_test, environment_of
from wireproof.report.github import annotation_lines, verdict_lines
from wireproof.report.history import History
from wireproof.report.html_report import allure_config
from wireproof.report.issue import Step, plan_breaking
from wireproof.report.summary import summary_markdown, terminal_summary
from wireproof.results.run_summary import gather

if TYPE_CHECKING:
    from conftest import Results

WHOLE = """\
# Breaking: 1 difference in 1 contract; 2 of 2 cases exercised on testnet.

## Coverage

| product | surface | documented | exercised | conforming | cases exercised |
| :-- | :-- | --: | --: | --: | --: |
| USDⓈ-M futures | WebSocket API | 21 | 1 | 1 | 2 of 2 |

## Differences (1)

- **breaking** type-changed at `result.price` of `usdm/ws-api/order.place`: \
`documented decimal string, got integer` · since 2026-11-21 · case `usdm/ws-api/order.place/a` · \
[documentation](<https://docs.example.org/usdm/ws-api/order.place>) · `ed25a99c1be3`

## The run

- 20261122T040000Z-abcd, wireproof 0.2.0, 2026-11-22T04:00:00Z, target testnet
- verdicts: 1 conforms, 1 breaking
- 340 requests in 4.2 s on the wire, 1 min 5 s in all
- weight 320, at its peak per minute 300 of 6,000
- usdm ws-api: `wss://testnet.example.org/ws-fapi/v1`
"""


def test_a_summary_as_a_whole(results: Results) -> None:
    broken = results.case("a", Verdict.BREAKING, findings=[results.finding()])
    day = 24 * 60 * 60 * 1000
    history = History().with_run(results.run(broken, run="yesterday", started_at=results.base - day))
    run = results.run(broken, results.case("b"))
    assert summary_markdown(gather(run), history.with_run(run)) == WHOLE


def test_products_of_a_run_that_kept_no_titles_go_by_their_names(results: Results) -> None:
    run = results.run(results.case("a"), titles={})
    assert "| usdm | WebSocket API | 21 | 1 | 1 | 1 of 1 |" in summary_markdown(gather(run), History())


def test_every_part_of_a_bad_night_has_its_line(results: Results) -> None:
    run = results.mixed()
    text = summary_markdown(gather(run), History(note="history.jsonl was set aside."))
    for line in (
        "> **Blocked** `testnet.example.org` (1 case): It answered 451. Run it elsewhere.",
        "> - position BTCUSDT LONG 0.001",
        "- **additive** undocumented-field at `result.symbols[].note` of `usdm/ws-api/exchangeInfo`: `string (650",
        "- `usdm/ws-api/order.place/odd`: No order to modify: {open\\_order.orderId} is not prepared.",
        "· until 2027-01-31: Seen on testnet. ([source](<https://example.org/source>))",
        "- Waiver 0123456789ab expired on 2026-11-01: extend or remove it.",
        "- Waiver ba9876543210 was not needed: its path no longer differs.",
        "- 1 case blocked: testnet.example.org answered 451.",
        "- 1 case skipped: no key for testnet",
        "- 4 cases left out: needs --trade",
        "- order wp-1 of BTCUSDT",
        "- weight 320, at its peak per minute 300 of 6,000",
        "- The clock of this machine is 1.2 s ahead.",
        "- history.jsonl was set aside.",
    ):
        assert line in text


def test_nothing_that_differs_is_said_in_words(results: Results) -> None:
    run = results.run(results.case("a"))
    assert "## Differences\n\nNone that count.\n" in summary_markdown(gather(run), History())


def test_ten_thousand_findings_still_make_a_readable_file(results: Results) -> None:
    many = [results.finding(f"result.items[].field{number}") for number in range(10_000)]
    run = results.run(results.case("a", Verdict.BREAKING, findings=many))
    text = summary_markdown(gather(run), History().with_run(run))
    assert "- … and 9,800 more in result.json" in text
    assert len(text.encode()) < 200_000
    lines = terminal_summary(gather(run), History(), 100)
    assert "… and 9,980 more in result.json" in lines
    assert len(lines) < 110


def test_text_of_the_target_does_not_become_markup(results: Results) -> None:
    nasty = results.finding("result.`</table>|<script>", actual="![x](http://evil.example)\n# title")
    run = results.run(results.case("a", Verdict.BREAKING, findings=[nasty]))
    line = next(
        line for line in summary_markdown(gather(run), History()).splitlines() if line.startswith("- **breaking")
    )
    assert "``result.`</table>|<script>``" in line
    assert "`documented decimal string, got ![x](http://evil.example) # title`" in line


def test_the_terminal_says_the_same_in_short(results: Results) -> None:
    run = results.mixed()
    lines = terminal_summary(gather(run), History().with_run(run), 100)
    assert lines[0].startswith("Breaking: 1 difference in 1 contract, 2 milder;")
    assert "BLOCKED testnet.example.org: It answered 451. Run it elsewhere." in lines
    assert "NOT UNDONE position BTCUSDT LONG 0.001" in lines
    assert "             documented   exercised  conforming       cases" in lines
    assert "usdm ws-api          21           3           1         5/8" in lines
    assert (
        "breaking  usdm/ws-api/order.place result.price: type-changed, documented decimal string, got integer (2 of 2) "
        "[new]"
    ) in lines
    assert "1 case skipped: no key for testnet" in lines


def test_one_reason_that_excuses_many_fields_is_one_line(results: Results) -> None:
    """Each field keeps its fingerprint; another reason has a line of its own."""
    price, side, note = (
        results.waived(results.finding("price", Kind.FORMAT_CHANGED)),
        results.waived(results.finding("side", Kind.UNDOCUMENTED_VALUE, severity=Severity.RISKY)),
        results.waived(results.finding("note", Kind.MISSING_FIELD), reason="Another."),
    )
    run = results.run(results.case("a", waived=[price, side, note]))
    lines = summary_markdown(gather(run), History()).partition("## Waived\n\n")[2].splitlines()
    assert lines[0] == (
        "- **breaking** missing-field at `note` of `usdm/ws-api/order.place`: `documented decimal string, got integer` "
        "· new · case `usdm/ws-api/order.place/a` · "
        "[documentation](<https://docs.example.org/usdm/ws-api/order.place>) · "
        f"`{note.finding.fingerprint}` · until 2027-01-31: Another. ([source](<https://example.org/source>))"
    )
    assert lines[1] == (
        "- 2 differences of `usdm/ws-api/order.place`: "
        f"**breaking** format-changed at `price` ({price.finding.fingerprint}); "
        f"**risky** undocumented-value at `side` ({side.finding.fingerprint}) "
        "· until 2027-01-31: Seen on testnet. ([source](<https://example.org/source>))"
    )


def test_the_baseline_is_a_section_of_its_own_and_what_is_gone_is_named(results: Results) -> None:
    old = results.known(results.finding())
    gone = [
        Gone(fingerprint=str(number), contract="usdm/ws-api/depth", path=f"a{number}", kind="null-value")
        for number in range(7)
    ]
    run = results.run(results.case("a", baseline=[old]), baseline_gone=gone, baseline_expired=["It expired."])
    section = summary_markdown(gather(run), History()).partition("## Baseline\n\n")[2].partition("\n\n")[0]
    first, *removed, known = section.splitlines()
    assert first == "- It expired."
    assert len(removed) == 8
    assert "Gone from the baseline: usdm/ws-api/depth a0: null-value." in removed[0]
    assert known.startswith("- until 2027-01-31: **breaking** type-changed at `result.price`")
    lines = terminal_summary(gather(run), History(), 100)
    assert sum(line.startswith("Gone from the baseline") for line in lines) == 5
    assert lines[lines.index("It expired.") + 6 :][:2] == [
        "… and 2 more in result.json",
        "`wireproof baseline --prune` removes what is gone.",
    ]
    assert environment_of(gather(run))["Baseline"] == "1 difference"


def test_every_report_of_a_run_that_saw_nothing_says_so(results: Results) -> None:
    """Each of its streams may be silent: no failure, and no word or colour of any report that calls it good."""
    silent = results.case("a", None, reason="not observed in 5 s: no liquidation happened", may_be_silent=True)
    run = results.run(silent, exercised=0, silent=1)
    summary, history = gather(run), History().with_run(run)
    assert (summary.conclusion.exit_status, summary.conclusion.outcome) == (3, "unknown")
    assert summary_markdown(summary, history).startswith("# Unknown: 0 of 1 case exercised ")
    assert terminal_summary(summary, history)[0].startswith("Unknown: 0 of 1 case exercised ")
    assert environment_of(summary)["Verdict"] == "Unknown"
    assert allure_config(summary, Path("out"), Path("history"))["name"] == "wireproof on testnet: unknown"
    assert annotation_lines(summary, history)[0].startswith("::warning title=unknown::Unknown")
    assert verdict_lines(summary)[0] == "verdict=unknown"
    assert history.entries[0].outcome == "unknown"
    assert plan_breaking(summary, history, []).step is Step.NOTHING
    with pytest.raises(pytest.skip.Exception, match=r"^not observed in 5 s"):  # as what junit.xml and Allure show it
        end_test(silent, run.fail_on)


def test_a_difference_that_fails_is_one_block_with_what_a_person_needs_next(results: Results) -> None:
    found = results.finding(seen=3, tried=3)
    lapsed = f"Waiver {found.fingerprint} expired on 2026-11-01 and no longer holds: {'Seen on testnet. ' * 20}"
    cases = [results.case(f"case-{number:02}", Verdict.BREAKING, findings=[found]) for number in range(19)]
    run = results.run(*cases, waivers_expired=[lapsed])
    lines = terminal_summary(gather(run), History().with_run(run))
    start = next(number for number, line in enumerate(lines) if line.startswith("breaking"))
    what = "usdm/ws-api/order.place result.price: type-changed, documented decimal string, got integer"
    assert lines[start : start + 5] == [
        f"breaking  {what} (19 of 19) [new, seen 57 of 57 times]",
        f"          19 cases, first usdm/ws-api/order.place/case-00 (fingerprint {found.fingerprint})",
        "          documented at https://docs.example.org/usdm/ws-api/order.place",
        "          again: wireproof run --target testnet -k 'usdm/ws-api/order.place/case-00'",
        f"          {lapsed.strip()}",
    ]
    assert " ".join(" ".join(lines[start + 5 :]).split()).count("Seen on testnet.") == 20  # in full, wrapped
    assert sum("case-00" in line for line in lines) == 2


def test_what_does_not_fail_is_one_line(results: Results) -> None:
    run = results.run(results.case("a", Verdict.RISKY, findings=[results.finding(severity=Severity.RISKY)]))
    lines = terminal_summary(gather(run), History().with_run(run))
    assert [line for line in lines if "result.price" in line or "again: " in line] == [
        "risky     usdm/ws-api/order.place result.price: type-changed, documented decimal string, got integer [new]"
    ]
