"""Dead, quiet and retired streams on a venue, as a whole run sees them."""

import dataclasses

import pytest
from msgspec.structs import replace

from wireproof.contract.model import Stream
from wireproof.drift.finding import Kind, Verdict
from wireproof.suite.streams.silence import Hearing, Listening, Silent, meaning_of
from wireproof.suite.streams.witness import Evidence
from wireproof.venue.exchange.profile import PROFILES
from wireproof.venue.serving.server import Venue
from wireproof.wire.endpoints import Endpoints

STREAMS = ("aggTrade/symbol", "ticker/symbol", "kline/1m", "depth/100ms", "bookTicker/symbol", "markPrice/1s")
TRADED = {"aggTrade/symbol", "ticker/symbol", "kline/1m", "depth/100ms", "bookTicker/symbol"}


@pytest.fixture
def watched(conduct_cases, planned, target_of):
    """Return what watches streams of a venue for some seconds and gives the results by the end of their ids."""

    async def run(venue, *names, seconds=2.5, root="", product="usdm", **changes):
        target = target_of(venue)
        if product == "coinm" or root:
            stream = root or venue.urls["coinm"]["stream"]
            target.endpoints = Endpoints(venue.ws_api_url, venue.rest_url, stream, stream, product, "local")
        cases = [planned[f"{product}/stream/{name}"] for name in names]
        cases = [
            replace(
                case,
                contract=replace(case.contract, subject=replace(case.contract.subject, **changes)),
                watch=replace(case.watch, seconds=seconds, events=1, cause=""),
            )
            for case in cases
        ]
        for _ in range(4):
            conductor = await conduct_cases(target, *cases)
            if not any("machine was too slow" in result.reason.lower() for result in conductor.results.values()):
                break  # otherwise it says so, and proves nothing
        return {name.split("/", 2)[2]: result for name, result in conductor.results.items()}

    return run


@pytest.mark.parametrize("product", ["usdm", "coinm"])
async def test_muted_streams_are_dead_and_each_names_its_witness(watched, product):
    """Acknowledged, and nothing comes, though the market moves on."""
    async with Venue(seed=3, weight_limit=1_000_000) as venue:
        venue.faults.add("mute", method="btcusd*")
        results = await watched(venue, *STREAMS, product=product)

    for name, result in results.items():
        assert (name, result.verdict) == (name, Verdict.BREAKING)
        (finding,) = result.findings
        assert (name, finding.kind) == (name, Kind.SILENT_STREAM)
        assert finding.actual.startswith("subscribed, acknowledged, nothing came in 2.5 s while ")
    symbol, root = ("BTCUSDT", "/fapi/v1") if product == "usdm" else ("BTCUSD_PERP", "/dapi/v1")
    assert f" happened (GET {root}/trades, {symbol}, ids " in results["kline/1m"].findings[0].actual
    assert f"the mark price changed (GET {root}/premiumIndex, {symbol})" in results["markPrice/1s"].findings[0].actual
    assert "the venue published " in results["aggTrade/symbol"].findings[0].actual


async def test_streams_that_are_not_muted_are_judged_as_ever(watched):
    async with Venue(seed=3, weight_limit=1_000_000) as venue:
        venue.faults.add("mute", method="*@aggTrade")
        results = await watched(venue, *STREAMS, seconds=6)

    assert results.pop("aggTrade/symbol").verdict is Verdict.BREAKING
    assert {name: result.verdict for name, result in results.items()} == dict.fromkeys(results, Verdict.CONFORMS)


async def test_streams_of_a_market_in_which_nothing_happens_are_quiet(watched):
    """They are not observed, with the witness named; what comes by the clock is judged."""
    async with Venue(seed=3, market_moves=False, weight_limit=1_000_000) as venue:
        results = await watched(venue, "aggTrade/symbol", "aggTrade/raw", "markPrice/1s", "forceOrder/symbol")

    assert results["markPrice/1s"].verdict is Verdict.CONFORMS
    told = {name: (one.verdict, one.may_be_silent, one.reason) for name, one in results.items()}
    quiet = "not observed in 2.5 s: "
    trades = f"{quiet}no trade happened (GET /fapi/v1/trades, BTCUSDT)"
    assert told["aggTrade/symbol"] == told["aggTrade/raw"] == (None, True, trades)
    assert told["forceOrder/symbol"] == (None, True, f"{quiet}no liquidation happened")


async def test_a_retired_root_that_acknowledges_and_stays_silent_is_seen(watched):
    """Live's old root acknowledges everything and carries books only."""
    async with Venue(seed=3, profile=PROFILES["live"], weight_limit=1_000_000) as venue:
        results = await watched(venue, "aggTrade/symbol", "markPrice/1s", "depth/100ms", route="", seconds=4)

    assert results["depth/100ms"].verdict is Verdict.CONFORMS
    for name in ("aggTrade/symbol", "markPrice/1s"):
        (finding,) = results[name].findings
        assert finding.kind is Kind.SILENT_STREAM
        assert finding.actual.startswith("subscribed, acknowledged, nothing came in 4 s while ")


def test_how_long_a_stream_has_to_tell_of_what_happened_last(store, planned):
    """Its slowest documented speed and a second; where a case says the speed, that one."""
    listening = Listening()
    for name, seconds in {
        "usdm/stream/kline/1m": 1.375,
        "usdm/stream/allBookTicker/all": 7.5,
        "usdm/stream/aggTrade/symbol": 1.1,
        "usdm/stream/bookTicker/symbol": 1.0,
    }.items():
        case = planned[name]
        assert listening.settle_seconds(case.contract, case.watch) == seconds
    contract = replace(store.contracts["usdm/stream/aggTrade"], subject=Stream(name="x", update_speed="3s or 100ms"))
    assert listening.settle_seconds(contract, planned["usdm/stream/aggTrade/symbol"].watch) == 4.0


def test_what_moved_weighs_more_than_what_did_not():
    moved = Evidence(moved=["2 trades happened"], still=["the book did not change"])

    assert meaning_of(moved).silent is Silent.DEAD
    assert meaning_of(moved).words == "while 2 trades happened"
    assert meaning_of(moved, done="a position was liquidated").words == (
        "although a position was liquidated, while 2 trades happened"
    )
    assert meaning_of(Evidence(still=["nothing"], problems=["x"])).silent is Silent.QUIET
    assert meaning_of(Evidence(problems=["x"])).silent is Silent.UNKNOWN
    assert meaning_of(Evidence(problems=["x"]), why_silent="may be").silent is Silent.UNWITNESSED


def test_siblings_are_of_the_same_symbol_and_spoke_since(store):
    """A trade of another symbol says nothing; neither does one from before, nor a ticker of trades."""

    def hearing(kind, name, heard_at=5_000.0):
        return Hearing(store.contracts[f"usdm/stream/{kind}"], name, subscribed_at=1_000, heard_at=heard_at)

    silent = hearing("kline", "btcusdt@kline_1m", 0)
    others = {
        "another symbol": hearing("aggTrade", "ethusdt@aggTrade"),
        "of another time": dataclasses.replace(hearing("aggTrade", "btcusdt@aggTrade"), subscribed_at=4_500),
        "before": hearing("aggTrade", "btcusdt@aggTrade", 1_500),
        "ticker": hearing("ticker", "btcusdt@ticker"),
        "candle": hearing("kline", "btcusdt@kline_3m"),
    }
    listening = Listening(hearings=[silent, *others.values()])
    assert listening.told_by_siblings(silent) == []

    listening.hearings.append(hearing("aggTrade", "btcusdt@aggTrade"))
    listening.hearings.append(hearing("kline", "btcusdt@kline_1m"))
    assert listening.told_by_siblings(silent) == [
        "the same stream sent messages over another connection",
        "btcusdt@aggTrade sent messages",
    ]
