"""Pages divided into units with their parts."""

from __future__ import annotations

from wireproof.pages.extracting.sections import Subject, subject_of, units_of
from wireproof.pages.reading.blocks import Code, Heading, Paragraph
from wireproof.pages.reading.page import Page
from wireproof.pages.reading.terms import Part


def units(*blocks):
    return [unit for unit in units_of(Page("p", "", "en", list(blocks))) if unit.parts or unit.title]


def test_an_old_page_is_one_unit():
    found = units(
        Heading(1, "New Order(TRADE)"),
        Heading(2, "Method"),
        Paragraph("order.place"),
        Heading(2, "Response"),
        Code("{}"),
    )
    assert [unit.title for unit in found] == ["New Order(TRADE)"]
    assert found[0].text(Part.METHOD) == "order.place"
    assert found[0].codes(Part.RESPONSE) == [Code("{}")]


def test_a_new_page_has_a_unit_per_heading_before_the_angle():
    found = units(
        Heading(1, "Account"),
        Heading(2, "One"), Heading(3, "One \u203a Request"), Paragraph("GET /fapi/v1/one"), Heading(4, "Parameters"),
        Heading(2, "Two"), Heading(3, "Two \u203a Request"), Paragraph("GET /fapi/v1/two"),
    )  # fmt: skip
    assert [unit.title for unit in found] == ["Account", "One", "Two"]
    assert [subject_of(unit) for unit in found[1:]] == [
        Subject(method="GET", path="/fapi/v1/one"),
        Subject(method="GET", path="/fapi/v1/two"),
    ]


def test_a_bold_line_serves_as_a_heading():
    found = units(
        Heading(1, "T"),
        Heading(2, "Method"),
        Paragraph("depth"),
        Paragraph("Parameters:", bold=True),
        Paragraph("None"),
    )
    assert found[0].text(Part.PARAMETERS) == "None"


def test_a_heading_inside_a_part_is_a_caption():
    found = units(Heading(1, "T"), Heading(2, "Response"), Heading(3, "Hedge mode"), Code("{}"))
    assert found[0].parts[Part.RESPONSE] == [Paragraph("Hedge mode"), Code("{}")]


def test_a_heading_beside_the_parts_that_names_none_belongs_to_none():
    found = units(Heading(1, "T"), Heading(2, "Response"), Code("{}"), Heading(2, "History"), Code("[]"))
    assert found[0].codes(Part.RESPONSE) == [Code("{}")]


def subject(part, *blocks, title="T"):
    return subject_of(units(Heading(1, title), Heading(2, part), *blocks)[0])


def test_subjects():
    assert subject("HTTP Request", Paragraph("GET /dapi/v1/account")) == Subject(method="GET", path="/dapi/v1/account")
    assert subject("HTTP Request", Paragraph("DELETE eapi/v1/x/y")) == Subject(method="DELETE", path="/eapi/v1/x/y")
    assert subject("Method", Paragraph('"v2/account.status"')) == Subject(method="v2/account.status")
    assert subject("Stream Name", Paragraph("<symbol>@aggTrade")) == Subject(stream="<symbol>@aggTrade")
    assert subject("Event Name", Paragraph("TRADE_LITE")) == Subject(is_event=True, event="TRADE_LITE")
    assert subject("Response", Code("{}"), title="Event: Trade") == Subject(is_event=True)
    assert subject("Request", Code('{"method": "depth"}')) == Subject(method="depth")
    assert subject("Request", Paragraph("wss://h/market/ws/{symbol}@a")) == Subject(stream="{symbol}@a")
    assert subject("Request", Code('{"method": "SUBSCRIBE"}')) is None
    assert subject("Request", Code("{")) is None
    assert subject("Description", Paragraph("words")) is None
