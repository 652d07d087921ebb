"""`wireproof changes list`: which changes it lists, with both days and the first sighting."""

from __future__ import annotations

import json

import pytest

from wireproof.cli import main
from wireproof.day import TODAY
from wireproof.ledger.ledger_file import LEDGER, LedgerFile
from wireproof.ledger.model import ContractRecord, PlaceRecord, TargetLedger

ORDER = "usdm/rest/PUT.fapi.v1.order"


@pytest.fixture(autouse=True)
def today(monkeypatch, tmp_path):
    monkeypatch.setenv(TODAY, "2026-10-25")
    monkeypatch.chdir(tmp_path)


def listed(capsys, *arguments):
    assert main(["changes", "list", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_lines_have_both_days_and_a_link(capsys):
    assert main(["changes", "list", "--affects", ORDER, "--since", "2026-07-01"]) == 0
    lines = capsys.readouterr().out.splitlines()
    [line] = [one for one in lines if "modifyId" in one and "param-added" in one]
    assert line.startswith(f"2026-07-30  in force     param-added         {ORDER}")
    assert "announced 2026-07-21, in force 2026-07-30  https://" in line


def test_what_is_announced_and_not_in_force_yet_is_coming(capsys):
    coming = listed(capsys, "--state", "coming")
    assert coming
    assert all(one["in_force"] > "2026-10-25" and one["announced"] <= "2026-10-25" for one in coming)
    assert {one["contracts"][0].partition("/")[0] for one in coming} >= {"portfolio-margin-pro"}


def test_days_products_and_patterns_narrow_the_list(capsys):
    every = listed(capsys)
    assert [one["date"] for one in every] == sorted(one["date"] for one in every)
    some = listed(capsys, "--since", "2026-08-01", "--until", "2026-08-31", "--affects", "usdm")
    assert 0 < len(some) < len(every)
    assert all(name.startswith("usdm/") for one in some for name in one["contracts"])
    both = listed(capsys, "--affects", "usdm/rest/*rder*", "--affects", "options")
    assert {name.partition("/")[0] for one in both for name in one["contracts"]} == {"usdm", "options"}


@pytest.mark.parametrize("state", ["kept", "announced", "unannounced", "in-force"])
def test_a_state_narrows_the_list(capsys, state):
    found = listed(capsys, "--state", state)
    assert found
    rule = {
        "kept": lambda one: one["kept"],
        "announced": lambda one: one["basis"] != "wire",
        "unannounced": lambda one: one["basis"] == "wire",
        "in-force": lambda one: one["state"] == "in force",
    }[state]
    assert all(rule(one) for one in found)


def test_the_first_sighting_comes_from_ledgers(capsys, tmp_path):
    place = PlaceRecord(documented=True, first="2026-10-20", last="2026-10-20")
    known = ContractRecord(first="2026-10-01", last="2026-10-20", places={"modifyId": place})
    ledger = TargetLedger(target="live", contracts={ORDER: known})
    folder = tmp_path / "reports" / "live"
    folder.mkdir(parents=True)
    (folder / LEDGER).write_bytes(LedgerFile(ledgers={"live": ledger}).encoded())
    for given in ((), ("--ledgers", str(folder))):
        seen = [one["first_seen"] for one in listed(capsys, "--affects", ORDER, *given) if one["kind"] == "field-added"]
        assert {"live": "2026-10-20"} in seen


def test_a_manifest_leaves_what_a_client_reads(capsys, tmp_path):
    reads = [{"path": "modifyId", "by": "client.Order.modify_id"}]
    made = {"client": {"name": "client"}, "contracts": {ORDER: {"reads": reads}}}
    (tmp_path / "uses.json").write_text(json.dumps(made), "utf-8")
    found = listed(capsys, "--manifest", "uses.json")
    assert {name for one in found for name in one["contracts"]} == {ORDER}
    assert {one["path"] for one in found if one["kind"].startswith("field-")} == {"modifyId"}
    assert any(one["kind"].startswith("field-") for one in listed(capsys, "--affects", ORDER) if one not in found)


def test_what_cannot_be_is_refused(capsys, tmp_path):
    assert main(["changes", "list", "--affects", "usdmm"]) == 2
    assert "no product or contract has that name. Did you mean 'usdm'?" in capsys.readouterr().err
    assert main(["changes", "list", "--ledgers", str(tmp_path)]) == 2
    assert "there is no ledger.json.gz" in capsys.readouterr().err
