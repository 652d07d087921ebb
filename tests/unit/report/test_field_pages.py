"""Pages with the history of each field: linked, small, and whatever a target sends as a key is text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

from wireproof.ledger.model import ContractRecord, PlaceRecord, Sighting, TargetLedger
from wireproof.report.field_pages import FIELDS, addresses, anchor_of, page_of, write_field_pages

if TYPE_CHECKING:
    from pathlib import Path

EVIL = '<script>alert(1)</script>"&'


def place(**words: Sighting) -> PlaceRecord:
    seen = Sighting(answers=1, times=1, first="2026-11-18", last="2026-11-20")
    return PlaceRecord(answers=1, times=1, first="2026-11-18", last="2026-11-20", kinds={"object": seen}, words=words)


def test_each_contract_has_a_page_and_the_index_links_it(tmp_path: Path) -> None:
    places = {"": place(), f"{EVIL}.x": place(**{EVIL: Sighting(answers=1, first="2026-11-18", last="2026-11-18")})}
    record = ContractRecord(answers=1, first="2026-11-18", last="2026-11-20", nights="1", places=places, left_out=True)
    ledger = TargetLedger(target=f"live{EVIL}", contracts={"usdm/rest/GET.a": record, f"usdm/stream/{EVIL}@1s": record})
    written = write_field_pages(ledger, tmp_path)
    assert written[0] == tmp_path / FIELDS
    index = LexborHTMLParser(written[0].read_text("utf-8"))
    links = [link.attributes["href"] for link in index.css("tbody a")]
    assert [(tmp_path / "fields" / str(link)).is_file() for link in links] == [True, True]
    for file in written:
        assert "<script" not in file.read_text("utf-8")
    page = LexborHTMLParser((tmp_path / page_of("usdm/rest/GET.a")).read_text("utf-8"))
    back = [str(link.attributes["href"]) for link in page.css("body p a")]
    assert [(tmp_path / "fields/usdm/rest" / link).resolve() for link in back] == [
        (tmp_path / "index.html").resolve(),
        (tmp_path / FIELDS).resolve(),
    ]
    assert page.css(f"#{anchor_of(f'{EVIL}.x')} code")[0].text() == f"{EVIL}.x"


def test_pages_are_bounded_whatever_is_in_the_ledger(tmp_path: Path) -> None:
    words = {f"{number}{'w' * 500}": Sighting(answers=1, first="2026-11-18", last="2026-11-20") for number in range(99)}
    places = {f"{number}.{'k' * 1000}": place(**words) for number in range(400)}
    record = ContractRecord(answers=1, first="2026-11-18", last="2026-11-20", nights="1", places=places)
    write_field_pages(TargetLedger(target="t", contracts={"usdm/rest/GET.a": record}), tmp_path)
    text = (tmp_path / page_of("usdm/rest/GET.a")).read_text("utf-8")
    assert "and 100 more fields in the ledger" in text
    assert "and 59 more" in text


def test_addresses_stay_below_their_folder_and_apart(tmp_path: Path) -> None:
    names = ["usdm/rest/GET.a", "../../x", "usdm/rest/a b", "usdm/rest/a-b", "usdm/stream/<symbol>@x"]
    found = addresses(names)
    assert len(set(found.values())) == len(names)
    assert found["usdm/rest/GET.a"] == "fields/usdm/rest/GET.a.html"
    assert all((tmp_path / one).resolve().is_relative_to(tmp_path) and ".." not in one for one in found.values())
    assert write_field_pages(TargetLedger(target="t"), tmp_path) == []
