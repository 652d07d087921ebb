"""Bodies stay what they were; findings are a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.drift.finding import Verdict
from wireproof.report.attachments import SHOWN_CHARACTERS, findings_html, findings_markdown, json_body

if TYPE_CHECKING:
    from conftest import Results


def test_json_is_indented_and_its_numbers_stay_as_they_came() -> None:
    body = json_body('{"a":0.10000,"b":1e-8,"a":"twice"}')
    assert body.is_json
    assert body.text == '{\n  "a": 0.10000,\n  "b": 1e-8,\n  "a": "twice"\n}'


def test_what_is_no_json_is_shown_as_text() -> None:
    body = json_body("<html>maintenance</html>")
    assert (body.text, body.is_json) == ("<html>maintenance</html>", False)


def test_json_that_is_nested_too_deep_is_shown_as_text() -> None:
    body = json_body("[" * 5000 + "]" * 5000)
    assert (len(body.text), body.is_json) == (10_000, False)


def test_a_very_long_body_is_cut_and_says_where_the_rest_is() -> None:
    body = json_body('"' + "x" * SHOWN_CHARACTERS + '"')
    assert not body.is_json
    assert body.text.endswith("\n… 2 characters more in observations.jsonl")


def test_the_table_escapes_what_the_target_sent(results: Results) -> None:
    nasty = results.finding("a.<img src=x onerror=alert(1)>", actual="</td><script>")
    page = findings_html(results.case("a", Verdict.BREAKING, findings=[nasty]))
    assert "<script>" not in page
    assert "a.&lt;img src=x onerror=alert(1)&gt;" in page


def test_waived_findings_stand_below_with_their_waiver(results: Results) -> None:
    case = results.case(
        "a", Verdict.BREAKING, findings=[results.finding("b|c")], waived=[results.waived(results.finding("d"))]
    )
    assert findings_markdown(case) == (
        "| difference | where | documented | received |\n"
        "| :-- | :-- | :-- | :-- |\n"
        "| **breaking** type-changed | `b\\|c` | `decimal string` | `integer` |\n"
        "| **breaking** type-changed (waived) | `d` | `decimal string` | `integer` |\n"
        "\n"
        "Waived until 2027-01-31: Seen on testnet. ([source](<https://example.org/source>))"
    )
    assert "until 2027-01-31: Seen on testnet. https://example.org/source" in findings_html(case)


def test_a_case_without_findings_has_no_table(results: Results) -> None:
    assert findings_markdown(results.case("a")) == ""


def test_a_thousand_findings_are_cut(results: Results) -> None:
    case = results.case("a", Verdict.BREAKING, findings=[results.finding(f"p{number}") for number in range(1_000)])
    assert "… and 900 more in result.json" in findings_html(case)
    assert "… and 980 more in the attachment." in findings_markdown(case)


def test_one_waiver_for_many_findings_is_told_once(results: Results) -> None:
    case = results.case("a", waived=[results.waived(results.finding(path)) for path in ("a", "b", "c")])
    assert findings_markdown(case).count("Seen on testnet.") == 1
