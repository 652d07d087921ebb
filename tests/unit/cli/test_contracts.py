"""`wireproof contracts`: what the store documents, and what is wrong with it."""

from __future__ import annotations

import json

from wireproof.cli import main


def test_coverage_counts_what_the_store_documents(capsys, tmp_path):
    assert main(["contracts", "coverage", "--reports", str(tmp_path)]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["usdm", "ws-api", "18", "18"] in [row[:4] for row in rows]
    assert len([row for row in rows if row[:2] == ["no", "example:"]]) == 3


def test_changes_are_listed_by_product_contract_and_day(capsys):
    assert main(["contracts", "changes", "--product", "usdm", "--since", "2026-09-15"]) == 0
    listed = [line.split()[:4] for line in capsys.readouterr().out.splitlines()]
    assert ["2026-09-15", "param-added", "usdm/rest/PUT.fapi.v1.order", "reduceOnly"] in listed
    assert min(day for day, *_ in listed) >= "2026-09-15"
    assert main(["contracts", "changes", "--contract", "coinm/rest/GET.dapi.v1.income"]) == 0
    assert {line.split()[2] for line in capsys.readouterr().out.splitlines()} == {"coinm/rest/GET.dapi.v1.income"}


def test_changes_since_no_day_are_refused(capsys):
    assert main(["contracts", "changes", "--since", "yesterday"]) == 2
    assert "'yesterday' is no day; write one such as 2026-08-01" in capsys.readouterr().err


def test_lint_and_schema_print(capsys):
    assert main(["contracts", "lint", "--product", "usdm", "--surface", "ws-api"]) == 0
    assert "usdm/ws-api/algoOrder.place" in capsys.readouterr().out
    assert main(["contracts", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["$ref"] == "#/$defs/Contract"


def test_check_names_what_is_not_as_the_last_change_left_it_and_what_a_table_leaves_open(contracts, capsys):
    file = contracts / "usdm" / "rest" / "GET.fapi.v1.income.json"
    stored = json.loads(file.read_text("utf-8"))
    stored["request"]["params"].append({"name": "page", "type": "INT"})
    [limit] = [one for one in stored["request"]["params"] if one["name"] == "limit"]
    del limit["maximum"]
    file.write_text(json.dumps(stored), "utf-8")
    assert main(["contracts", "check"]) == 2
    said = capsys.readouterr().err
    assert "GET.fapi.v1.income: param-removed page of 2026-10-15: the parameter is still in the table." in said
    assert "GET.fapi.v1.income: parameter limit has no largest value. Add it" in said


def test_check_names_every_broken_file_and_goes_on(contracts, capsys):
    place = contracts / "usdm" / "ws-api"
    text = (place / "depth.json").read_text("utf-8")
    (place / "depth.json").write_text(text.replace('"market"', '"marekt"'), "utf-8")
    text = (place / "order.place.json").read_text("utf-8")
    (place / "order.place.json").write_text(text.replace('"OrderTypePlaced"', '"OrderTypePlacde"'), "utf-8")
    assert main(["contracts", "check"]) == 2
    said = capsys.readouterr().err
    assert "depth.json" in said
    assert "needs 'marekt', which does not exist. Did you mean 'market'?" in said
    assert "enumeration 'OrderTypePlacde' is not in product.json. Did you mean 'OrderTypePlaced'?" in said


def test_check_names_a_refinement_of_nothing_with_its_file_contract_and_path(contracts, capsys):
    """A slip of typing would leave the example unrefined, without a word."""
    place = contracts / "usdm" / "ws-api" / "order.place.json"
    contract = json.loads(place.read_text("utf-8"))
    contract.setdefault("refinements", []).append(
        {"path": "result.timeInFroce", "optional": True, "source": "https://example.org/"}
    )
    place.write_text(json.dumps(contract), "utf-8")
    assert main(["contracts", "check"]) == 2
    (said,) = [line for line in capsys.readouterr().err.splitlines() if "timeInFroce" in line]
    assert said.startswith(f"{place}: refinement of 'result.timeInFroce' matches nothing in ")
    assert "of usdm/ws-api/order.place. Did you mean 'result.timeInForce'? Correct the path, delete " in said


def test_check_names_an_undecided_string_with_its_file_contract_path_and_value(contracts, capsys):
    """A field that nobody looked at would hold any word for ever."""
    place = contracts / "usdm" / "rest" / "GET.fapi.v1.symbolConfig.json"
    contract = json.loads(place.read_text("utf-8"))
    contract["examples"][0]["response"][0]["mood"] = "GOOD"
    place.write_text(json.dumps(contract), "utf-8")
    assert main(["contracts", "check"]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"{place}: usdm/rest/GET.fapi.v1.symbolConfig, [].mood: example 'default' shows 'GOOD', ")
    assert 'in contracts/usdm/product.json under "fields"' in said


def test_check_names_a_faulty_rule_once_and_goes_on(contracts, capsys):
    """A slip in one rule is one line, not one for each of a hundred contracts."""
    place = contracts / "usdm" / "product.json"
    product = json.loads(place.read_text("utf-8"))
    product["fields"].append({"where": ["usdm/* **.nothingHere"], "enum": "Sied"})
    product["fields"].append({"where": ["usdm/* **.nothingThere"], "text": "id"})
    place.write_text(json.dumps(product), "utf-8")
    assert main(["contracts", "check"]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(f"{place}: rule ")
    assert "names an enumeration that is not in product.json: 'Sied'. Did you mean 'Side'?" in first
    assert second.startswith(f"{place}: the place 'usdm/* **.nothingThere' in 'fields' decides nothing")


def test_check_lists_free_places_with_their_reason_when_asked(capsys):
    assert main(["contracts", "check", "--verbose"]) == 0
    assert "usdm: name, 1 place (usdm/rest/GET.fapi.v1.exchangeInfo symbols[].underlyingSubType[]): names of " in (
        capsys.readouterr().out
    )


def test_contracts_are_listed_as_of_a_day(capsys):
    assert main(["contracts", "list", "--as-of", "2025-11-01", "--product", "usdm"]) == 0
    listed = capsys.readouterr().out
    assert "usdm/rest/POST.fapi.v1.order" in listed
    assert "algoOrder" not in listed
    assert main(["contracts", "list", "--as-of", "2025-01-01"]) == 2
    assert "Contracts are known since 2025-07-02" in capsys.readouterr().err


def test_changes_without_a_patch_are_listed_with_the_reason(capsys):
    assert main(["contracts", "changes", "--unpatched", "--product", "coinm"]) == 0
    [first, *_] = capsys.readouterr().out.splitlines()
    assert first.endswith("no page of July 2025 or May 2026 shows the field")
