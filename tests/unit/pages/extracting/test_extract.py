"""What a page says, as contracts."""

from __future__ import annotations

import pytest
from checkout import CONTRACTS, ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from wireproof.contract.model import Event, Param, Refinement, Request, Security, Stream, Surface, Weight, When
from wireproof.contract.store import read_products
from wireproof.pages.extracting import extract as extracting
from wireproof.pages.extracting.extract import masked
from wireproof.pages.reading.page import PageError, read_page
from wireproof.pages.writer import to_bytes

PAGES = ROOT / "tests" / "unit" / "pages" / "pages"


PRODUCTS = read_products(CONTRACTS)


def extract(page, product):
    return extracting.extract(page, product, PRODUCTS)


def contracts_of(page, product):
    return extract(page, product).contracts


def page(name):
    return read_page(PAGES / name, (PAGES / name).read_bytes())


def one(name, product="usdm"):
    contracts = contracts_of(page(name), product)
    assert len(contracts) == 1
    return contracts[0]


def test_a_request_of_the_websocket_api():
    contract = one("ws-request.html")
    assert (contract.id, contract.title, contract.surface) == ("usdm/ws-api/order.place", "New Order", Surface.WS_API)
    request = contract.of(Request)
    assert (request.security, request.weight) == (Security.TRADE, Weight(ip=0, orders_10s=1, orders_1m=1))
    assert [(p.name, p.type, p.required, p.enum, p.default) for p in request.params][1:7] == [
        ("side", "ENUM", True, ("BUY", "SELL"), None),
        ("type", "ENUM", True, ("LIMIT", "MARKET"), None),
        ("quantity", "DECIMAL", False, (), None),
        ("priceMatch", "ENUM", False, ("OPPONENT", "OPPONENT_5", "QUEUE"), None),
        ("workingType", "ENUM", False, ("MARK_PRICE", "CONTRACT_PRICE"), "CONTRACT_PRICE"),
        ("reduceOnly", "STRING", False, ("true", "false"), "false"),
    ]


def test_keys_and_signatures_of_examples_are_replaced_by_words():
    request = one("ws-request.html").examples[0].request
    assert request["params"]["apiKey"] == "<api key>"
    assert request["params"]["signature"] == "<signature>"
    assert masked({"listenKey": "abc", "apiKey": None, "b": [1]}) == {
        "listenKey": "<listen key>",
        "apiKey": None,
        "b": [1],
    }


def test_comments_become_refinements():
    contract = one("ws-request.html")
    url = contract.docs_url
    assert contract.refinements == (
        Refinement(path="result.activatePrice", when=When(field="type", one_of=("TRAILING_STOP_MARKET",)), source=url),
        Refinement(path="result.marginBuyBorrowAmount", optional=True, source=url),
        Refinement(path="result.settledAt", nullable=True, source=url),
        Refinement(path="result.liquidity", enum=("TAKER", "MAKER"), source=url),
    )


def test_repairs_are_told_with_part_and_line():
    notes = extract(page("ws-request.html"), "usdm").notes
    assert "request example of order.place, line 2: a space that JSON does not know" in notes
    assert "response example of order.place, line 8: a missing comma" in notes
    assert "response example of order.place, line 13: a comma before a closing bracket" in notes
    assert "response example of order.place, line 16: a comma before a closing bracket" in notes


def test_a_weight_table_with_its_last_row_broken_off():
    contract = one("weight-table.html", "coinm")
    assert contract.id == "coinm/rest/GET.dapi.v1.indexPriceKlines"
    weight = contract.of(Request).weight
    assert [weight.of(p) for p in ({"limit": 99}, {"limit": 100}, {"limit": 1000}, {"limit": 1500}, {})] == [
        1,
        2,
        5,
        10,
        5,
    ]
    assert contract.examples[0].response == [[1591256400000, "9653.69440000", "0", 60]]


def test_examples_of_two_modes_have_their_conditions():
    contract = one("two-modes.html")
    assert [(e.name, e.when) for e in contract.examples] == [
        ("one-way-position-mode", "one-way position mode"),
        ("hedge-position-mode", "hedge position mode"),
    ]
    assert contract.of(Request).security is Security.USER_DATA


def test_two_documents_of_one_block_are_two_examples():
    contract = one("one-or-all.html")
    assert [(e.when, type(e.response)) for e in contract.examples] == [("symbol sent", dict), ("symbol omitted", list)]
    assert contract.deprecated
    assert contract.subject == Request(
        method="GET",
        path="/fapi/v1/ticker/price",
        security=Security.NONE,
        weight=Weight(ip=2, rules=contract.of(Request).weight.rules),
        params=(Param(name="symbol", type="STRING"),),
    )


def test_a_parameter_table_that_failed_to_render_is_read():
    contract = one("unrendered-table.html", "coinm")
    assert [p.name for p in contract.params] == ["symbol", "autoCloseType", "limit", "timestamp"]
    assert contract.params[1].enum == ("LIQUIDATION", "ADL")


def test_a_stream():
    contract = one("stream.html")
    assert contract.id == "usdm/stream/markPrice"
    assert contract.subject == Stream(
        name="<symbol>@markPrice@<updateSpeed>",
        route="market",
        update_speed="3000ms or 1000ms",
        params=(
            Param(name="symbol", type="STRING", required=True),
            Param(name="updateSpeed", type="ENUM", enum=("1s",)),
        ),
    )


def test_an_event_is_named_by_its_payload():
    extraction = extract(page("event.html"), "usdm")
    contract = extraction.contracts[0]
    assert (contract.id, contract.title) == ("usdm/event/balanceWarning", "Balance Warning")
    assert contract.subject == Event(name="balanceWarning")
    assert contract.refinements[0].enum == ("LOW", "HIGH")
    assert extraction.notes == ["the page names the event BALANCE_WARNING; its payload says balanceWarning"]


def test_an_event_shown_in_the_envelope_of_a_combined_connection_is_stored_without_it():
    """The envelope belongs to the connection; what the comments say stays with the fields of the event."""
    text = (PAGES / "event.html").read_text("utf-8")
    wrapped = text.replace('<span class="token plain">{</span>', '<span>{"stream": "x", "data": {</span>', 1)
    wrapped = wrapped.replace('<span class="token plain">}</span>', "<span>}}</span>", 1)
    assert wrapped.count('"data": {') == 1
    contract = contracts_of(read_page(PAGES / "event.html", wrapped.encode()), "usdm")[0]
    plain = one("event.html")
    assert contract.examples == plain.examples
    assert contract.refinements == plain.refinements


def test_chinese_and_english_pages_of_one_request_give_the_same_contract():
    english, chinese = one("twin.en.html"), one("twin.zh-CN.md")
    assert to_bytes(english) == to_bytes(chinese)
    assert english.id == "usdm/ws-api/userDataStream.stop"


def test_a_page_of_the_new_layout_holds_several_requests():
    contracts = contracts_of(page("new-layout.html"), "usdm")
    assert [(c.id, c.title) for c in contracts] == [
        ("usdm/rest/GET.fapi.v3.account", "Account Information"),
        ("usdm/rest/POST.fapi.v1.flag", "Change Flag"),
    ]
    account, flag = (c.of(Request) for c in contracts)
    assert account is not None
    assert flag is not None
    assert (account.weight, account.security) == (Weight(ip=5), Security.USER_DATA)
    assert flag.params[0] == Param(name="flag", type="BOOLEAN", required=True, default=True)
    assert flag.security is Security.TRADE


def test_a_stream_of_the_new_layout_is_found_by_its_address():
    contract = one("new-layout-streams.md")
    assert (contract.id, contract.subject) == (
        "usdm/stream/aggTrade",
        Stream(name="<symbol>@aggTrade", route="market", params=(Param(name="symbol", type="STRING", required=True),)),
    )


def test_a_section_page_gives_no_contract_and_says_so():
    extraction = extract(page("section.html"), "coinm")
    assert (extraction.contracts, extraction.section) == ([], "points to another page")


def test_a_request_without_a_stated_weight_is_told_apart():
    extraction = extract(
        read_page("p.md", b"# T\n## HTTP Request\nGET /fapi/v1/a\n## Response\n```\n{}\n```\n"), "usdm"
    )
    assert extraction.unweighed == {"usdm/rest/GET.fapi.v1.a"}
    assert extraction.notes == ["no weight is given for GET /fapi/v1/a"]


def test_an_example_under_the_wrong_heading_is_found_and_told():
    text = b"# T\n## HTTP Request\nGET /fapi/v1/a\n## Weight\n1\n## HTTP Request\n```\n{}\n```\n"
    extraction = extract(read_page("p.md", text), "usdm")
    assert extraction.contracts[0].examples[0].response == {}
    assert extraction.notes == ["the response example of GET /fapi/v1/a stands under another heading"]


def test_examples_that_differ_without_a_condition_are_not_merged():
    text = b'# T\n## Method\ndepth\n## Response\n```\n{"a": 1}\n```\nOR\n```\n{"b": 1}\n```\n'
    contract = contracts_of(read_page("p.md", text), "usdm")[0]
    assert [e.when for e in contract.examples] == ["variant 1", "variant 2"]


@pytest.mark.parametrize(
    ("name", "product", "problem"),
    [
        ("stream.html", "coinm", "is a page of usdm ("),
        ("section.html", "usdm", "is a page of coinm ("),
        (
            "unreadable-example.html",
            "usdm",
            "the response example of GET /fapi/v1/something cannot be read: line 4: the list",
        ),
        ("no-example.html", "usdm", "describes GET /fapi/v1/something but holds no response example; expected"),
    ],
)
def test_a_page_that_cannot_become_a_contract_says_why(name, product, problem):
    with pytest.raises(PageError) as error:
        extract(page(name), product)
    assert error.value.problem.startswith(problem)


def test_a_page_that_describes_a_request_twice_is_refused():
    unit = b"## T\n### T \xe2\x80\xba Request\nGET /fapi/v1/a\n### T \xe2\x80\xba Responses\n```\n{}\n```\n"
    with pytest.raises(PageError, match="describes GET /fapi/v1/a twice, under 'T' and 'T'"):
        extract(read_page("p.md", b"# P\n" + unit + unit.replace(b"# T", b"# T")), "usdm")


SOURCES = sorted(PAGES.iterdir())


PIECES = ["<", "</div>", "<table><tr>", '"', "}", "{", "`", "```\n", "|", "#", "", "<h2>Method</h2>", "<pre>", "\uff1a"]


@settings(max_examples=120, deadline=None, derandomize=True)
@given(
    st.sampled_from(SOURCES),
    st.lists(
        st.tuples(st.integers(0, 4000), st.integers(0, 400), st.sampled_from([b"\xff", *map(str.encode, PIECES)])),
        max_size=4,
    ),
)
def test_a_broken_page_is_read_or_refused_with_a_sentence(source, cuts):
    """Pages with pieces torn out and others put in never crash the reader."""
    data = source.read_bytes()
    for start, length, piece in cuts:
        data = data[:start] + piece + data[start + length :]
    try:
        for contract in contracts_of(read_page(source.name, data), "usdm"):
            to_bytes(replace(contract, revised="2026-01-01"))
    except PageError as error:
        said = str(error)
    else:
        said = f"{source.name}: read"
    assert said.startswith(f"{source.name}: ")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_read_or_refused(data):
    try:
        said = extract(read_page("p", data), "usdm").section or "read"
    except PageError as error:
        said = error.problem
    assert said


def markdown(response, request="", title="Order (USER_DATA)"):
    """Return the contract of a page of the WebSocket API with this response example."""
    text = f"# {title}\n\n## Method\n\n`order.x`\n\n## Request\n\n```\n{request}\n```\n\n## Response\n\n{response}\n"
    return contracts_of(read_page("a.md", text.encode()), "usdm")[0]


def test_fields_that_comments_call_conditional_are_listed_with_their_example():
    contract = markdown(
        '```\n{"type": "LIMIT",\n "a": "1", // only if order type is STOP\n "b": true // if can trade\n}\n```'
    )
    assert contract.examples[0].conditional == ("a",)
    assert contract.refinements[0].when == When(field="type", one_of=("STOP",))


def test_a_request_that_stands_for_two_answers_goes_with_the_one_that_it_fits():
    request = '{"id": 1, "method": "order.x", "params": {"symbol": "X"}}'
    contract = markdown('```\n{"a": 1}\n```\n\nOR without symbol\n\n```\n[{"a": 1}]\n```', request)
    assert [(e.when, e.request is not None) for e in contract.examples] == [
        ("symbol sent", True),
        ("symbol omitted", False),
    ]


def test_an_example_in_an_indented_block_is_read():
    assert markdown('    {\n      "a": 1\n    }').examples[0].response == {"a": 1}
