"""The sentence and the table, as lines and as Markdown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from made_results import Results

from wireproof.drift.finding import Verdict
from wireproof.manifest.affected import judge_night
from wireproof.manifest.client_manifest import ClientName, ContractUse, Manifest, ReadPath
from wireproof.manifest.gate_page import gate_lines, gate_markdown

made = Results()
READS = tuple(
    ReadPath(path=f"result.{name}", by=f"bot.Order.{name}", required=True, kinds=("string",)) for name in "ab"
)
CONTRACTS = {"usdm/ws-api/order.place": ContractUse(reads=READS), "usdm/rest/x": ContractUse(reads=READS)}


def report(*paths, waived=()):
    findings = [made.finding(path) for path in paths]
    case = made.case(verdict=Verdict.BREAKING, findings=findings, waived=[made.waived(made.finding(p)) for p in waived])
    now = datetime.fromtimestamp(made.base / 1000, UTC) + timedelta(hours=1)
    client = Manifest(client=ClientName(name="bot"), contracts=CONTRACTS)
    return judge_night(made.run(case), client, now=now, most_hours=36, since=lambda _: "2026-11-20T04:00:00Z")


def test_a_line_for_each_difference_and_each_of_my_fields():
    lines = list(gate_lines(report("result.a", waived=["result.b"])))
    says = "type-changed: documented decimal string, got integer"
    assert lines[1:] == [
        f"breaking   usdm/ws-api/order.place result.a: {says} [since 2026-11-20]",
        "           bot.Order.a breaking: takes a string",
        f"breaking   usdm/ws-api/order.place result.b: {says} [since 2026-11-20, waived: Seen on testnet.]",
        "           bot.Order.b breaking: takes a string",
        "unknown    usdm/rest/x: never exercised: the night has no case of it",
    ]


def test_the_summary_is_one_sentence_and_one_table():
    blocks = gate_markdown(report("result.a")).strip().split("\n\n")
    sentence, table = blocks
    assert sentence.startswith("**breaking: Order.a (usdm/ws-api/order.place result.a): type")
    head, rule, row, unknown = table.split("\n")
    assert (head.count("|"), rule.count("|")) == (6, 6)
    assert row.startswith("| breaking | [usdm/ws-api/order.place](<https://docs.example.org/usdm/ws-api/order.place>)")
    assert "| `Order.a` |" in row
    assert unknown.startswith("| unknown | usdm/rest/x | all |")


def test_nothing_that_a_target_sent_is_markup():
    found = report("result.a|<b>@everyone")
    found.touches = report("result.a").touches
    assert "<b>" not in gate_markdown(found)


def test_a_night_with_nothing_to_say_has_no_table():
    found = report()
    found.unknown.clear()
    assert gate_markdown(found).count("\n") == 2
