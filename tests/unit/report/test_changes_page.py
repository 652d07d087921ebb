"""The page of changes: every change with its days, within its size, and without a script."""

from __future__ import annotations

from checkout import CONTRACTS
from selectolax.lexbor import LexborHTMLParser

from wireproof.contract.dated_changes import Changes, DatedChange, load_changes
from wireproof.ledger.model import ContractRecord, PlaceRecord, TargetLedger
from wireproof.report.changes_page import PAGE_BYTES, changes_page

CONTRACT = "usdm/rest/GET.a"


def change(path: str = "[].x", **fields: object) -> DatedChange:
    given = {"announced": "2026-10-01", "in_force": "2026-11-10", "basis": "change-log", "links": ("https://e.org/1",)}
    return DatedChange(contracts=(CONTRACT, "usdm/rest/GET.b"), kind="field-added", path=path, **(given | fields))


def rows(page: str, section: str) -> list[list[str]]:
    tree = LexborHTMLParser(page)
    return [[cell.text(strip=True) for cell in row.css("th, td")] for row in tree.css(f"#{section} tbody tr")]


def test_a_row_says_both_days_and_the_first_sighting_of_each_target() -> None:
    place = PlaceRecord(first="2026-11-12", last="2026-11-20")
    record = ContractRecord(first="2026-11-01", last="2026-11-20", places={"[].x": place})
    ledgers = {"testnet": TargetLedger(target="testnet", contracts={CONTRACT: record})}
    page = changes_page({"usdm": Changes(changes=(change(seen="2026-11-02", after="a<b"),))}, ledgers, day="2026-11-20")
    assert rows(page, "usdm") == [
        [
            f"[].x{CONTRACT}and 1 more",
            "field-added:nothing → a<b",
            "2026-10-01",
            "2026-11-10",
            "testnet 2026-11-12, by others 2026-11-02",
            "sourceof field-added [].x of usdm/rest/GET.a, 2026-10-01",
        ]
    ]
    assert "<script" not in page
    assert rows(page, "coming") == []


def test_what_is_to_come_stands_first_and_fields_together() -> None:
    made = (change("[].y"), change("[].x"), change("[].y", in_force="2026-12-01"))
    page = changes_page({"usdm": Changes(changes=made)}, {}, day="2026-11-20")
    assert [row[3] for row in rows(page, "coming")] == ["2026-12-01"]
    assert [row[3] for row in rows(page, "recent")] == ["2026-11-10", "2026-11-10"]
    assert [(row[0][:4], row[3]) for row in rows(page, "usdm")] == [
        ("[].x", "2026-11-10"),
        ("[].y", "2026-12-01"),
        ("[].y", "2026-11-10"),
    ]


def test_all_changes_of_all_products_fit_and_more_are_cut_and_said() -> None:
    every = {one.name: load_changes(one) for one in CONTRACTS.iterdir() if (one / "changes.json").is_file()}
    page = changes_page(every, {}, day="2026-11-20")
    number = sum(len(one.changes) for one in every.values())
    assert len(LexborHTMLParser(page).css("section:not(#coming, #recent) tbody tr")) == number
    assert len(page.encode()) <= PAGE_BYTES
    many = Changes(changes=tuple(change(f"[].{'x' * 100}{n}") for n in range(2000)))
    cut = changes_page({"usdm": many}, {}, day="2026-11-20")
    assert len(cut.encode()) <= PAGE_BYTES
    assert "older changes are left out" in cut


def test_nothing_known_makes_a_page_all_the_same() -> None:
    assert "Nothing that is announced." in changes_page({}, {}, day="no run")
