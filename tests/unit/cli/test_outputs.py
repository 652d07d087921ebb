"""What commands print with --json follows the schemas that are published, by a validator that is not ours."""

from __future__ import annotations

import json
import shutil

import jsonschema_rs
import pytest
from checkout import ROOT
from made_results import Results

from wireproof.cli import main
from wireproof.drift.finding import Verdict
from wireproof.report.files import write_reports

CONTRACT = "usdm/ws-api/ticker.price"


def refuse_deviations(name, document):
    """Raise ValidationError where a document does not follow the published schema of that name."""
    schema = json.loads((ROOT / "docs" / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    jsonschema_rs.validator_for(schema).validate(document)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return a folder with a small store, the reports of a run with everything in it, a page and payloads."""
    made = tmp_path_factory.mktemp("outputs")
    (made / "contracts" / "usdm" / "ws-api").mkdir(parents=True)
    for name in ("product.json", "changes.json", f"{CONTRACT.removeprefix('usdm/')}.json"):
        shutil.copy(ROOT / "contracts" / "usdm" / name, made / "contracts" / "usdm" / name)
    results = Results()
    breaking = results.case("a", Verdict.BREAKING, findings=[results.finding()])
    waived = results.case("b", waived=[results.waived(results.finding("result.time"))])
    skipped = results.case("c", None, reason="no key")
    write_reports(results.run(breaking, waived, skipped), made / "reports")
    (made / "good.json").write_text('{"id": "1", "status": 200, "result": {}}', "utf-8")
    lines = [{"id": 1, "documented": {"a": 1}, "actual": {"a": "1"}}, {"id": 2, "actual": 1}]
    (made / "pairs.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    read = {"path": "result.price", "by": "m.C.price", "required": True}
    manifest = {"client": {"name": "c"}, "contracts": {"usdm/ws-api/order.place": {"reads": [read]}}}
    (made / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    (made / "page.md").write_text("# Ticker\n\n## Method\n\n`ticker.price`\n", "utf-8")
    return made


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ("plan", "plan"),
        ("plan --target live --sort cost -m public", "plan"),
        (f"compare --contract {CONTRACT} good.json", "compare"),
        ("compare good.json good.json", "compare"),
        ("contracts list", "contracts-list"),
        ("contracts check --verbose", "contracts-check"),
        ("contracts coverage", "contracts-coverage"),
        ("contracts coverage --reports nowhere", "contracts-coverage"),
        ("contracts lint --at-most 100", "contracts-lint"),
        ("pages diff page.md --product usdm", "pages"),
        ("prove --sample 1", "prove"),
        ("replay reports", "replay"),
        ("venue --routes", "routes"),
        ("gate --manifest manifest.json", "gate"),
    ],
)
def test_what_is_printed_follows_its_schema(place, monkeypatch, capsys, arguments, name):
    monkeypatch.chdir(place)
    monkeypatch.setenv("WIREPROOF_CONTRACTS", "contracts")
    main([*arguments.split(), "--json"])
    printed = json.loads(capsys.readouterr().out)
    assert printed
    refuse_deviations(name, printed)


def test_changes_follow_their_schema(capsys):
    """Those of the real store, as a store of few contracts lacks what its changes name."""
    main(["contracts", "changes", "--contract", "usdm/rest/PUT.fapi.v1.order", "--json"])
    printed = json.loads(capsys.readouterr().out)
    assert {name for change in printed for name in change["contracts"]} == {"usdm/rest/PUT.fapi.v1.order"}
    refuse_deviations("contracts-changes", printed)


def test_what_a_run_leaves_follows_its_schema(place):
    refuse_deviations("result", json.loads((place / "reports" / "result.json").read_text("utf-8")))
    lines = (place / "reports" / "observations.jsonl").read_text("utf-8").splitlines()
    assert lines
    for line in lines:
        refuse_deviations("observation", json.loads(line))


def test_each_line_of_a_batch_follows_its_schema(place, monkeypatch, capfdbinary):
    monkeypatch.chdir(place)
    assert main(["compare", "--batch", "pairs.jsonl"]) == 2
    lines = capfdbinary.readouterr().out.splitlines()
    assert len(lines) == 2
    for line in lines:
        refuse_deviations("compare-batch", json.loads(line))


def test_a_schema_refuses_what_is_something_else():
    with pytest.raises(jsonschema_rs.ValidationError):
        refuse_deviations("result", {"run": 7})
