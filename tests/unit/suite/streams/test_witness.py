"""Witnesses of streams: each stream has one or says why not, and each can be read."""

import asyncio

import pytest

from wireproof.contract.model import Request, Stream, Surface
from wireproof.errors import BlockedError
from wireproof.suite.products.registry import UNWITNESSED, WITNESSES
from wireproof.suite.streams.witness import TELLS, Reading, Witnesses
from wireproof.suite.vocabulary.stream_names import stream_name

ROOTS = {"usdm": "/fapi/v1", "coinm": "/dapi/v1", "options": "/eapi/v1"}
OFFERS = {"symbol": "BTCUSDT", "pair": "BTCUSDT", "base_asset": "BTC", "margin_asset": "USDT"}


def streams_of(store, product):
    """Return the streams of a product by the last part of their ids; control commands are none."""
    return {
        contract.id.rpartition("/")[2]: contract
        for contract in store.contracts.values()
        if contract.product == product and isinstance(contract.subject, Stream) and not contract.is_command
    }


@pytest.mark.parametrize("product", ROOTS)
def test_every_stream_has_a_witness_or_says_why_not(store, product):
    """A new stream contract needs a line in one of the two tables."""
    witnessed, unwitnessed = set(WITNESSES[product]), set(UNWITNESSED[product])

    assert witnessed | unwitnessed == set(streams_of(store, product))
    assert not witnessed & unwitnessed
    assert all(UNWITNESSED[product].values())


@pytest.mark.parametrize("product", ROOTS)
def test_every_witness_is_a_documented_request_whose_example_can_be_read(store, product):
    """With parameters that it has, filled with what the stream and the target offer."""
    requests = {
        contract.of(Request).path: contract
        for contract in store.contracts.values()
        if contract.product == product and contract.surface is Surface.REST and contract.of(Request).method == "GET"
    }
    for name, contract in streams_of(store, product).items():
        if name not in WITNESSES[product]:
            continue
        witness = WITNESSES[product][name]
        request = requests[f"{ROOTS[product]}/{witness.name}"]
        assert set(witness.params) <= {param.name for param in request.params}, name
        own = {param.name: param.name for param in contract.params}
        assert all(value.format_map(OFFERS | own) for value in witness.params.values()), name
        assert [witness.read(example.response) for example in request.examples], name


def test_what_a_stream_tells_of_is_a_stream_of_its_product(store):
    names = {*streams_of(store, "usdm"), *streams_of(store, "coinm")}

    assert set(TELLS) | {name for told in TELLS.values() for name in told} <= names


class Target:
    """Answers requests with what it is told, and counts them."""

    def __init__(self, **answers):
        self.answers, self.asked = answers, []

    async def __call__(self, name, params):
        """Answer the next request of a name."""
        await asyncio.sleep(0)
        self.asked.append((name, dict(params)))
        answer = self.answers[name].pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def asked(contract, params, before, after):
    """Return what a stream's witness says when it shows this and then that."""
    name = WITNESSES["usdm"][contract].name
    witnesses = Witnesses("usdm", "/fapi/v1", Target(**{name: [before, after]}), OFFERS)
    first = await witnesses.read(f"usdm/stream/{contract}", params)
    second = await witnesses.read(f"usdm/stream/{contract}", params)
    return witnesses.testimony(f"usdm/stream/{contract}", params, first, second)


BOOK = {"lastUpdateId": 1, "E": 1, "T": 1, "bids": [["1", "2"]], "asks": [["3", "4"]]}
TOUCH = {"symbol": "BTCUSDT", "bidPrice": "1", "bidQty": "1", "askPrice": "2", "askQty": "1", "time": 1}


@pytest.mark.parametrize(
    ("contract", "params", "before", "after", "moved"),
    [
        ("aggTrade", {}, [{"id": 5}], [{"id": 6}], "1 trade happened (GET /fapi/v1/trades, BTCUSDT, ids 6..6)"),
        ("kline", {"symbol": "ETHUSDT"}, [{"id": 5}], [{"id": 9}], "4 trades happened (GET /fapi/v1/trades, ETHUSDT,"),
        ("depth", {}, BOOK, BOOK | {"bids": []}, "the book changed (GET /fapi/v1/depth, BTCUSDT)"),
        ("bookTicker", {}, TOUCH, TOUCH | {"bidQty": "2"}, "the best bid and ask changed"),
        ("markPrice", {}, {"time": 1}, {"time": 2}, "the mark price changed (GET /fapi/v1/premiumIndex, BTCUSDT)"),
        (
            "continuousKline",
            {"pair": "BTCUSDT", "contractType": "perpetual", "interval": "1m"},
            [[60, *"1234567", 3]],
            [[60, *"1234567", 4]],
            "the candle changed (GET /fapi/v1/continuousKlines, BTCUSDT, PERPETUAL, 1m)",
        ),
        (
            "allContractInfo",
            {},
            {"symbols": [{"symbol": "A", "status": "TRADING"}]},
            {"symbols": [{"symbol": "A", "status": "SETTLING"}]},
            "the list of contracts changed (GET /fapi/v1/exchangeInfo)",
        ),
    ],
)
async def test_a_witness_moves_in_words(contract, params, before, after, moved):
    found = await asked(contract, params, before, after)

    assert [sentence.startswith(moved) for sentence in found.moved] == [True]
    assert (found.still, found.problems) == ([], [])


@pytest.mark.parametrize(
    ("contract", "params", "before", "after", "still"),
    [
        ("aggTrade", {}, [{"id": 5}], [{"id": 5}], "no trade happened (GET /fapi/v1/trades, BTCUSDT)"),
        ("aggTrade", {}, [{"id": 5}], [{"id": 4}], "no trade happened (GET /fapi/v1/trades, BTCUSDT)"),
        (
            "depth",
            {},
            BOOK,
            BOOK | {"lastUpdateId": 9, "E": 9},
            "the book did not change (GET /fapi/v1/depth, BTCUSDT)",
        ),
        ("bookTicker", {}, TOUCH, TOUCH | {"time": 9}, "the best bid and ask did not change"),
        (
            "continuousKline",
            {"pair": "BTCUSDT", "contractType": "perpetual", "interval": "1m"},
            [[60, *"1234567", 3]],
            [[120, *"1234567", 0]],
            "the candle did not change",
        ),
    ],
)
async def test_a_witness_that_shows_nothing_new_did_not_move(contract, params, before, after, still):
    """A later time, another update id without another level, an empty candle: the stream had nothing to say of it."""
    found = await asked(contract, params, before, after)

    assert [sentence.startswith(still) for sentence in found.still] == [True]
    assert (found.moved, found.problems) == ([], [])


@pytest.mark.parametrize("answer", [[], {}, None, [{}], [{"id": "7"}], {"code": -1, "msg": "x"}])
async def test_a_witness_of_an_unexpected_form_cannot_be_used(answer):
    found = await asked("aggTrade", {}, answer, [{"id": 5}])

    assert found.problems[0].startswith("GET /fapi/v1/trades: the answer cannot be used (")
    assert (found.moved, found.still) == ([], [])


async def test_a_witness_that_refuses_says_so():
    found = await asked("aggTrade", {}, [{"id": 5}], BlockedError("GET /fapi/v1/trades was answered with 503"))

    assert found.problems == ["GET /fapi/v1/trades was answered with 503"]


async def test_a_stream_without_a_witness_says_why():
    witnesses = Witnesses("usdm", "/fapi/v1", Target(), OFFERS)
    reading = await witnesses.read("usdm/stream/forceOrder", {})

    assert reading == Reading(problem="no public request lists liquidations")
    assert witnesses.testimony("usdm/stream/forceOrder", {}, reading, reading).problems == [reading.problem]
    assert (await witnesses.read("usdm/stream/unheardOf", {})).problem == "nothing else is known to report it"


async def test_a_witness_without_what_it_needs_says_so():
    """No symbol is known, so none can be asked about."""
    witnesses = Witnesses("usdm", "/fapi/v1", Target(), {})

    assert (await witnesses.read("usdm/stream/aggTrade", {})).problem.startswith("its witness needs 'symbol'")


async def test_reads_that_are_wanted_at_once_are_done_once_and_later_ones_anew():
    target = Target(trades=[[{"id": 1}], [{"id": 2}]])
    witnesses = Witnesses("usdm", "/fapi/v1", target, OFFERS)
    together = await asyncio.gather(
        *(witnesses.read(f"usdm/stream/{name}", {}) for name in ("aggTrade", "kline", "ticker"))
    )

    assert together == [Reading(1)] * 3
    assert await witnesses.read("usdm/stream/aggTrade", {}) == Reading(2)
    assert len(target.asked) == 2


def test_names_of_watched_streams_begin_with_their_symbol(store):
    """By which siblings are told: what is before the @ is what the stream is of."""
    for name in TELLS:
        contract = streams_of(store, "usdm")[name]
        assert stream_name(contract.of(Stream), {"symbol": "BTCUSDT"}).startswith("btcusdt@")
