"""Which contracts a client means, where in their answers its models stand, and what nothing documents."""

from __future__ import annotations

import pytest
from checkout import CONTRACTS

from wireproof.contract.store import load_store
from wireproof.errors import UsageError
from wireproof.manifest.client_manifest import ClientName, ContractUse, Manifest, ReadPath, Strictness
from wireproof.manifest.contract_mapping import ContractMapping, moved

PRICE = "usdm/ws-api/ticker.price"
DEPTH = "usdm/rest/GET.fapi.v1.depth"


@pytest.fixture(scope="module")
def mapping():
    return ContractMapping(load_store(CONTRACTS))


def read(path, **more):
    return ReadPath(path=path, by=f"m.C.{path or 'whole'}", **({"required": True} | more))


def test_contracts_are_found_by_what_clients_call(mapping):
    assert mapping.request("get", "/fapi/v1/depth") == [DEPTH]
    assert len(mapping.request("GET", "/futures/data/basis")) == 2  # products share it
    assert mapping.method("order.place") == ["coinm/ws-api/order.place", "usdm/ws-api/order.place"]
    assert "usdm/event/ACCOUNT_UPDATE" in mapping.event("ACCOUNT_UPDATE")
    assert mapping.stream("<anything>@aggTrade") == mapping.stream("btcusdt@aggTrade")
    assert "usdm/stream/aggTrade" in mapping.stream("btcusdt@aggTrade")
    assert (mapping.request("GET", "/nowhere"), mapping.stream("nonsense")) == ([], [])


def test_every_stream_is_found_by_its_pattern_and_by_a_name_of_it(mapping):
    for contract in mapping.store.contracts.values():
        if contract.surface == "stream" and not contract.is_command:
            assert contract.id in mapping.stream(contract.name), contract.id


def test_people_name_a_contract_by_id_by_its_beginning_or_by_its_request(mapping):
    assert mapping.named(DEPTH) == mapping.named("GET /fapi/v1/depth") == mapping.named("usdm/rest/GET.fapi.v1.depth")
    assert mapping.named("usdm/ws-api/ticker.pr") == [PRICE]
    for text in ("nonsense", "GET /nowhere", "usdm/"):
        with pytest.raises(UsageError):
            mapping.named(text)


def test_one_product_may_be_meant():
    store = load_store(CONTRACTS)
    assert ContractMapping(store, ["coinm"]).method("order.place") == ["coinm/ws-api/order.place"]
    with pytest.raises(UsageError):
        ContractMapping(store, ["nonsense"])


@pytest.mark.parametrize(
    ("contract", "reads", "paths"),
    [
        (DEPTH, [read(""), read("bids"), read("asks")], ["", "bids", "asks"]),
        ("usdm/ws-api/order.place", [read("orderId"), read("price")], ["result.orderId", "result.price"]),
        ("usdm/ws-api/order.place", [read("result"), read("result.price")], ["result", "result.price"]),
        ("usdm/rest/GET.fapi.v1.trades", [read("id"), read("price")], ["[].id", "[].price"]),
        (
            PRICE,
            [read("symbol"), read("price")],
            ["result.symbol", "result.price", "result[].symbol", "result[].price"],
        ),
        (DEPTH, [read("nothing"), read("of"), read("it")], ["nothing", "of", "it"]),
    ],
)
def test_a_model_stands_where_its_fields_are_documented(mapping, contract, reads, paths):
    assert [one.path for one in mapping.rooted(contract, reads)] == paths


def test_where_it_stands_can_be_said(mapping):
    assert [one.path for one in mapping.rooted(DEPTH, [read("x"), read("[].y")], "a[]")] == ["a[].x", "a[][].y"]
    assert moved(read(""), "[]").required is False
    assert moved(read("x"), "").path == "x"


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (read("foo"), [f"{DEPTH}: m.C.foo reads 'foo', and nothing documents it."]),
        (read("lastUpdateId", kinds=("integer",)), []),
        (
            read("lastUpdateId", kinds=("string",)),
            [f"{DEPTH}: m.C.lastUpdateId reads 'lastUpdateId' as decimal or string; documented is integer."],
        ),
        (read("bids[][0]", kinds=("string",)), []),
        (
            read("bids[][5]", kinds=("string",)),
            [f"{DEPTH}: m.C.bids[][5] reads 'bids[][5]', and nothing documents it."],
        ),
    ],
)
def test_what_nothing_documents_is_said(mapping, one, said):
    client = Manifest(client=ClientName(name="c"), contracts={DEPTH: ContractUse(reads=(one,))})
    assert list(mapping.undocumented(DEPTH, [one], client)) == said


def test_numbers_of_any_notation_are_documented_numbers(mapping):
    one = read("bids[][0]", kinds=("number",))
    client = Manifest(client=ClientName(name="c"), strictness=Strictness(numbers="any"))
    assert list(mapping.undocumented(DEPTH, [one], client)) == []


def test_what_the_exchange_no_longer_has_is_said(mapping):
    gone = "usdm/event/CONDITIONAL_ORDER_TRIGGER_REJECT"
    client = Manifest(client=ClientName(name="c"))
    assert list(mapping.undocumented(gone, [], client)) == [
        f"{gone}: retired since 2025-12-15; the client still reads it."
    ]
    assert mapping.use(gone, []).unjudged == "retired since 2025-12-15"
    assert "grid strategy" in mapping.use("usdm/event/GRID_UPDATE", []).unjudged
    assert mapping.use(DEPTH, []).unjudged == ""
