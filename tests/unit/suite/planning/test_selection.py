"""What is sent to a target follows from the case's marks and from what was allowed, and is said where it is not."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec import structs

from wireproof.suite.planning import selection
from wireproof.suite.state.scene import Trading
from wireproof.suite.state.symbols import Quote, SymbolRules, greatest_notional
from wireproof.suite.vocabulary import marks
from wireproof.wire.endpoints import Endpoints
from wireproof.wire.secrets.credentials import Credentials, HmacSigner

READS = "usdm/rest/GET.fapi.v1.openOrders/symbol-omitted"
PLAIN = "usdm/rest/GET.fapi.v1.depth/default"
PLACES = "usdm/rest/POST.fapi.v1.order/limit-gtc"
ACCEPTS = "usdm/rest/POST.fapi.v1.convert.acceptQuote/default"
DOWNLOADS = "usdm/rest/GET.fapi.v1.income.asyn/default"
CALLED = "usdm/event/MARGIN_CALL/isolated"
LIQUIDATIONS = "usdm/stream/allForceOrder/all"
QUOTES = "usdm/rest/POST.fapi.v1.convert.getQuote/from-amount"


@pytest.fixture
def target(venue, target_of):
    """Return what makes a target of that name."""
    return lambda name, *, allow_trading: target_of(venue, name=name, allow_trading=allow_trading)


@pytest.mark.parametrize(
    ("case", "name", "allow_trading", "reason"),
    [
        (PLAIN, "live", False, ""),
        (PLACES, "live", False, selection.READ_ONLY),
        (PLACES, "live", True, ""),
        (ACCEPTS, "live", True, marks.FINAL),
        (ACCEPTS, "testnet", True, marks.NOT_ON_TESTNET),
        (ACCEPTS, "local", True, ""),
        (QUOTES, "testnet", True, marks.NOT_ON_TESTNET),
        (DOWNLOADS, "live", True, marks.SCARCE),
        (DOWNLOADS, "testnet", True, marks.SCARCE),
        (DOWNLOADS, "local", True, ""),
        (CALLED, "live", True, marks.VENUE_ONLY),
        (CALLED, "testnet", True, marks.VENUE_ONLY),
        (CALLED, "local", True, ""),
        (LIQUIDATIONS, "live", False, ""),  # just watched
        (READS, "live", False, selection.READ_ONLY),  # the order that it lists would have to be placed first
    ],
)
def test_what_is_left_out_and_why(case, name, allow_trading, reason, planned, target):
    assert selection.exclusion(planned[case], target(name, allow_trading=allow_trading)) == reason


def test_cases_of_a_product_without_a_testnet_are_left_out_there(planned, target):
    """On live its hosts are known; a local venue serves it."""
    case = planned["portfolio-margin-pro/rest/GET.sapi.v1.portfolio.account/default"]
    for name, reason in (("testnet", selection.NO_TESTNET), ("live", "")):
        at = target(name, allow_trading=False)
        assert selection.exclusion(case, at) == ""
        at.endpoints = {case.contract.product: Endpoints()}
        assert selection.exclusion(case, at) == reason


def test_the_marks_of_a_contract_file_become_marks_of_the_test(planned):
    assert {"irreversible", "real_money", "not_on_testnet"} <= set(planned[ACCEPTS].marks)
    assert "needs_position" in planned["usdm/rest/GET.fapi.v1.userTrades/symbol-sent"].marks
    assert "account_wide" in planned["usdm/rest/POST.fapi.v1.positionSide.dual/hedge"].marks


def test_nothing_irreversible_is_sent_twice_with_other_keys(planned):
    assert not [name for name in planned if "acceptQuote/signed-by" in name or "stock.contract/signed-by" in name]


def test_a_key_of_another_kind_is_said_to_be_needed(planned, target):
    case = structs.replace(planned[PLACES], key_type="ED25519")
    only = target("local", allow_trading=True)
    only.accounts = [Credentials("k" * 64, HmacSigner("s" * 64), "one")]
    assert selection.exclusion(case, only) == "needs an ED25519 key"


def test_no_symbol_is_used_on_which_an_order_would_be_worth_more_than_the_cap():
    """A USDⓈ-M quantity is worth its price; a COIN-M one its number of contracts, whatever the price."""
    linear = SymbolRules("BTCUSDT", *map(Decimal, ("0.1", "0.001", "0.001", "0.1", "100")), price_precision=1)
    inverse = SymbolRules(
        "BTCUSD_PERP", *map(Decimal, ("0.1", "1", "1", "0.1", "0")), price_precision=1, contract_size=Decimal(100)
    )
    quote = Quote(Decimal(50_000), Decimal(50_000))
    assert greatest_notional(inverse, quote) == 200
    trading = Trading({"BTCUSDT": linear, "BTCUSD_PERP": inverse}, {"BTCUSDT": quote, "BTCUSD_PERP": quote})
    assert trading.usable(None) == ["BTCUSDT", "BTCUSD_PERP"]
    assert trading.usable(Decimal(200)) == ["BTCUSD_PERP"]
    assert trading.usable(Decimal(199)) == []
