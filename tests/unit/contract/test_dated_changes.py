"""Dated changes of what is documented: a closed format that explains itself, and one line for each of them."""

from __future__ import annotations

import json

import pytest
from checkout import CONTRACTS

from wireproof.contract.dated_changes import FILE, Changes, DatedChange, lines, load_changes, narrowed
from wireproof.contract.store import load_store
from wireproof.errors import ContractFileError

DEPTH = "usdm/stream/depth"
SOUND = {
    "contracts": [DEPTH],
    "kind": "field-added",
    "path": "st",
    "announced": "2026-06-10",
    "in_force": "2026-06-30",
    "basis": "change-log",
    "links": ["https://e.org/log"],
}


def load(folder, without=None, **changes):
    entry = {name: value for name, value in {**SOUND, **changes}.items() if value is not None}
    (folder / FILE).write_text(json.dumps({"without_contract": without or {}, "changes": [entry]}), "utf-8")
    return load_changes(folder, {DEPTH, "usdm/stream/ticker"})


def change(contract_id, day, **more):
    return DatedChange(contracts=(contract_id,), kind="behaviour", basis="sdk", seen=day, links=("l",), **more)


def test_a_sound_file_is_read_and_knows_its_days(tmp_path):
    [one] = load(tmp_path).changes
    assert (one.date, one.documented) == ("2026-06-30", "2026-06-10")


def test_what_only_the_wire_shows_is_documented_on_no_day(tmp_path):
    [one] = load(tmp_path, basis="wire", announced=None, in_force=None, seen="2026-10-07").changes
    assert (one.date, one.documented) == ("2026-10-07", "")


def test_a_product_without_the_file_has_none(tmp_path):
    assert load_changes(tmp_path) == Changes()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"announced": "June"}, "date 'June' is no day"),
        ({"announced": None, "in_force": None}, "has no date"),
        ({"links": []}, "has no link"),
        ({"links": ["http://e.org"]}, "is no https address"),
        ({"contracts": []}, "names no contract"),
        ({"contracts": ["usdm/stream/dept"]}, "there is no contract 'usdm/stream/dept'. Explain it"),
        ({"kind": "renamed"}, "nvalid enum value 'renamed'"),
        ({"pathh": "st"}, "unknown key 'pathh'"),
        ({"patch": [{"feild": "st"}]}, "unknown key 'feild'"),
        ({"patch": [{"param": "st", "before": {"tipe": "INT"}}]}, "has the key 'tipe'. Did you mean 'type'?"),
        (
            {"patch": [{"field": "st", "before": 1, "contracts": ["usdm/stream/dept"]}]},
            "Did you mean 'usdm/stream/depth",
        ),
        ({"kept": "why", "pending": True}, "is 'kept' and 'pending' at once"),
        ({"without": {DEPTH: "why"}}, f"'{DEPTH}' is a contract; delete it"),
        ({"without": {"usdm/stream/gone": "why"}}, "no change names 'usdm/stream/gone'"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, changes, said):
    with pytest.raises(ContractFileError, match=said):
        load(tmp_path, **changes)


def test_a_contract_that_is_not_stored_may_be_named_with_the_reason(tmp_path):
    gone = "usdm/stream/gone"
    assert load(tmp_path, without={gone: "before the store"}, contracts=[gone]).changes


@pytest.mark.parametrize("product", ["usdm", "coinm", "options", "portfolio-margin", "portfolio-margin-pro"])
def test_the_stores_own_are_sound(product):
    assert load_changes(CONTRACTS / product, load_store(CONTRACTS).contracts).changes


def test_lines_are_oldest_first_and_begin_with_the_day():
    told = [change("b", "2026-10-02"), change("a", "2026-08-01", path="st", before=10, after=20)]
    assert list(lines(narrowed(told))) == [
        "2026-08-01  behaviour           a  st  10 → 20  l",
        "2026-10-02  behaviour           b  l",
    ]


def test_lines_begin_on_the_day_that_was_asked_for():
    told = [change("a", "2026-08-01"), change("b", "2026-07-31")]
    assert [line.split()[2] for line in lines(narrowed(told, since="2026-08-01"))] == ["a"]


def test_lines_of_one_contract_are_those_of_no_other():
    both = DatedChange(contracts=("a", "b"), kind="behaviour", basis="sdk", seen="2026-08-01", links=("l",))
    assert [line.split()[2] for line in lines(narrowed([both], contract_id="b"))] == ["b"]
