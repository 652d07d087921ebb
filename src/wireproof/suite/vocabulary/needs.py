"""The needs that a case may name: state that is prepared before it. One row each, with all that the suite must know.

What prepares a need stands in `suite.state.preparing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

KEY_TYPES = ("HMAC", "RSA", "ED25519")


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One kind of state.

    Args:
        offers: Names of the values that it offers to placeholders.
        requests: What preparing and undoing it sends: operations of a product, or REST verb and name.
        trades: Whether it places orders on the target.
        position: Whether it has a position.
        alone: Whether it needs its symbol for itself.
        mode: The mode of the account that it switches on while its cases run: `hedge` or `multi_assets`.
        setting: Whether its case changes a setting of the whole account: such cases run last, one by one.
        listen_key: Whether it holds the one listen key of the account.
        depends_on: What must be known of the account: `hedge`, `multi_assets` or `listen_key`.
        venue_market: Whether it moves a price, which only the local venue allows; its cases run after all others.
        whole_account: Whether it weighs on all positions of the account, or needs a price that other books move as
            well, so that its case runs by itself.
        public: Whether it concerns no account.
        dear: Whether it costs too much to be prepared again for another kind of key.
        perishable: Whether it runs out within seconds, so that its cases come before any limit makes them wait.
        key_type: The only kind of key that will do.
        always: Whether every case has it without asking.
        book: The last part of the root of the book that its case is about, where no path says so.

    """

    offers: frozenset[str] = frozenset()
    requests: tuple[str, ...] = ()
    trades: bool = False
    position: bool = False
    alone: bool = False
    mode: str = ""
    setting: bool = False
    listen_key: bool = False
    depends_on: str = ""
    venue_market: bool = False
    whole_account: bool = False
    public: bool = False
    dear: bool = False
    perishable: bool = False
    key_type: str = ""
    always: bool = False
    book: str = ""

    @property
    def account_wide(self) -> bool:
        """Whether it changes a setting of the whole account."""
        return self.setting or bool(self.mode)


_ISOLATING = ("list positions", "list positions", "POST marginType")

_PRO = "/sapi/v1/portfolio"
_CALL_LEVEL = (f"GET {_PRO}/margin-call-level", f"POST {_PRO}/margin-call-level")

NEEDS: dict[str, Need] = {
    "clock": Need(
        offers=frozenset({"now", "in_15_minutes", "an_hour_ago", "a_day_ago"}),
        public=True,
        always=True,
    ),
    "market": Need(offers=frozenset({"symbol", "pair", "base_asset", "margin_asset", "expiration"}), public=True),
    "symbol": Need(
        offers=frozenset(
            {
                *("name", "pair"),
                *("quantity", "quantity_number", "double_quantity", "double_quantity_number", "min_quantity"),
                *("resting_buy_price", "resting_buy_price_number", "lower_buy_price"),
                *("resting_sell_price", "resting_sell_price_number", "crossing_buy_price"),
                *("stop_sell_price", "stop_sell_trigger", "tiny_notional_price", "overprecise_price"),
            }
        )
    ),
    "alone": Need(alone=True),
    "client_order_id": Need(offers=frozenset({"value", "too_long"}), requests=("cancel an order",)),
    "client_algo_id": Need(offers=frozenset({"value"}), requests=("cancel an algo order",)),
    "second_order_id": Need(offers=frozenset({"value"}), requests=("cancel an order",)),
    "open_order": Need(
        offers=frozenset({"symbol", "orderId", "clientOrderId", "price", "origQty"}),
        requests=("place an order", "cancel an order"),
        trades=True,
    ),
    "two_orders": Need(
        offers=frozenset({"symbol", "orderIds", "clientOrderIds", "first", "second"}),
        requests=("place an order", "place an order", "cancel an order", "cancel an order"),
        trades=True,
    ),
    "cancelled_order": Need(
        offers=frozenset({"symbol", "orderId", "clientOrderId"}),
        requests=("place an order", "cancel an order"),
        trades=True,
    ),
    "amended_order": Need(
        offers=frozenset({"symbol", "orderId", "clientOrderId"}),
        requests=("place an order", "modify an order", "cancel an order"),
        trades=True,
    ),
    "position": Need(
        offers=frozenset({"quantity", "orderId"}),
        requests=("place an order", "place an order"),
        trades=True,
        position=True,
        alone=True,
    ),
    "isolated_position": Need(
        offers=frozenset({"quantity", "orderId", "margin"}),
        requests=(*_ISOLATING, "place an order", "place an order", "POST marginType"),
        trades=True,
        position=True,
        alone=True,
        depends_on="multi_assets",
    ),
    "margin_change": Need(
        offers=frozenset({"margin"}),
        requests=("POST positionMargin",),
        trades=True,
        position=True,
        alone=True,
        depends_on="multi_assets",
    ),
    "long_and_short": Need(requests=("place an order",) * 4, trades=True, position=True, alone=True),
    "algo_order": Need(
        offers=frozenset({"algoId", "clientAlgoId"}),
        requests=("place an algo order", "cancel an algo order"),
        trades=True,
    ),
    "trailing_order": Need(
        offers=frozenset({"algoId", "clientAlgoId"}),
        requests=("place an algo order", "cancel an algo order"),
        trades=True,
    ),
    "cancelled_algo_order": Need(
        offers=frozenset({"algoId", "clientAlgoId"}),
        requests=("place an algo order", "cancel an algo order"),
        trades=True,
    ),
    "triggered_algo_order": Need(
        offers=frozenset({"algoId", "clientAlgoId"}),
        requests=("place an algo order", "list quotes", "place an order"),
        trades=True,
        position=True,
        alone=True,
        venue_market=True,
    ),
    "algo_order_found": Need(requests=("look up an algo order",)),
    "delta_mode": Need(
        offers=frozenset({"other"}), requests=(f"GET {_PRO}/delta-mode", f"POST {_PRO}/delta-mode"), setting=True
    ),
    "joint_auto_repay": Need(
        offers=frozenset({"other"}),
        requests=(f"GET {_PRO}/repay-futures-switch", f"POST {_PRO}/repay-futures-switch"),
        setting=True,
    ),
    "call_level": Need(offers=frozenset({"other"}), requests=_CALL_LEVEL, setting=True),
    "call_level_set": Need(
        offers=frozenset({"other"}), requests=(*_CALL_LEVEL, f"POST {_PRO}/margin-call-level"), setting=True
    ),
    "no_call_level": Need(requests=(*_CALL_LEVEL, f"DELETE {_PRO}/margin-call-level"), setting=True),
    "bankruptcy_loan": Need(venue_market=True, whole_account=True),
    "no_bankruptcy_loan": Need(venue_market=True, whole_account=True),
    "money_in_futures": Need(venue_market=True, whole_account=True),
    "repaid_bankruptcy_loan": Need(requests=(f"POST {_PRO}/repay",), venue_market=True, whole_account=True),
    "liquidation": Need(
        requests=("POST marginType", "place an order", "list quotes", "list positions", "POST marginType"),
        trades=True,
        alone=True,
        depends_on="multi_assets",
        venue_market=True,
    ),
    "heavy_position": Need(
        offers=frozenset({"quantity", "orderId"}),
        requests=("list balances", "list quotes", "place an order", "place an order"),
        trades=True,
        position=True,
        alone=True,
        venue_market=True,
        whole_account=True,
    ),
    "leverage": Need(
        offers=frozenset({"other"}), requests=("list positions", "list positions", "POST leverage"), alone=True
    ),
    "margin_type": Need(offers=frozenset({"other"}), requests=_ISOLATING, alone=True, depends_on="multi_assets"),
    "countdown": Need(requests=("POST countdownCancelAll",), alone=True),
    "position_mode": Need(
        requests=("GET positionSide/dual", "POST positionSide/dual"), setting=True, depends_on="hedge"
    ),
    "asset_mode": Need(requests=("POST multiAssetsMargin",), setting=True, depends_on="multi_assets"),
    "fee_burn": Need(offers=frozenset({"other"}), requests=("GET feeBurn", "POST feeBurn"), setting=True),
    "hedge_mode": Need(mode="hedge", depends_on="hedge"),
    "multi_assets": Need(mode="multi_assets", depends_on="multi_assets"),
    "income_download": Need(offers=frozenset({"id"}), dear=True),
    "order_download": Need(offers=frozenset({"id"}), dear=True),
    "trade_download": Need(offers=frozenset({"id"}), dear=True),
    "order_list_id": Need(offers=frozenset({"value", "limit", "stop"}), requests=("DELETE orderList",)),
    "order_list": Need(
        offers=frozenset({"orderListId", "listClientOrderId"}),
        requests=("POST order/oco", "DELETE orderList"),
        trades=True,
    ),
    "bought": Need(offers=frozenset({"orderId"}), requests=("place an order",), trades=True),
    "borrowing": Need(offers=frozenset({"asset", "amount"}), requests=("POST /papi/v1/repayLoan",), setting=True),
    "loan": Need(
        offers=frozenset({"asset", "amount", "txId"}),
        requests=("POST /papi/v1/marginLoan", "POST /papi/v1/repayLoan"),
        setting=True,
        dear=True,
    ),
    "repaid_loan": Need(
        offers=frozenset({"asset", "amount", "txId"}),
        requests=("POST /papi/v1/marginLoan", "POST /papi/v1/repayLoan"),
        setting=True,
        dear=True,
    ),
    "beyond_balance": Need(
        offers=frozenset({"quantity", "there"}), requests=("POST /papi/v1/repayLoan",), setting=True, dear=True
    ),
    "prevented_order": Need(
        offers=frozenset({"orderId"}),
        requests=(*("place an order",) * 3, "list quotes", "cancel an order", "cancel an order"),
        trades=True,
        alone=True,
        venue_market=True,
        whole_account=True,
    ),
    "liquidated_portfolio": Need(
        requests=("place an order", "place an order", "POST /papi/v1/repayLoan"),
        trades=True,
        alone=True,
        venue_market=True,
        whole_account=True,
        dear=True,
    ),
    "negative_balance": Need(venue_market=True, whole_account=True, dear=True),
    "bnb_in_um": Need(offers=frozenset({"amount"}), requests=("POST /papi/v1/bnb-transfer",), dear=True),
    "moved_wallets": Need(setting=True),
    "auto_repay": Need(
        offers=frozenset({"other"}),
        requests=("GET /papi/v1/repay-futures-switch", "POST /papi/v1/repay-futures-switch"),
        setting=True,
    ),
    "coin_margined": Need(book="cm"),
    "cross_margin": Need(book="margin"),
    "quote": Need(offers=frozenset({"id"}), requests=("POST convert/getQuote",), dear=True, perishable=True),
    "converted": Need(
        offers=frozenset({"orderId"}),
        requests=("POST convert/getQuote", "POST convert/acceptQuote"),
        dear=True,
        perishable=True,
    ),
    "block_offer": Need(
        offers=frozenset({"key"}),
        requests=("list quotes", "POST block/order/create", "DELETE block/order/create"),
        trades=True,
    ),
    "block_offering": Need(requests=("DELETE block/order/create",), trades=True),
    "received_block": Need(
        offers=frozenset({"key"}),
        requests=("list quotes", "POST block/order/create", "DELETE block/order/create"),
        trades=True,
        position=True,
        alone=True,
    ),
    "executed_block": Need(
        offers=frozenset({"key"}),
        requests=("list quotes", "POST block/order/create", "POST block/order/execute", "place an order"),
        trades=True,
        position=True,
        alone=True,
    ),
    "exercised": Need(
        offers=frozenset({"quantity", "orderId"}),
        requests=("list quotes", "place an order"),
        trades=True,
        alone=True,
        venue_market=True,
    ),
    "maker_protection": Need(offers=frozenset({"underlying"}), requests=("POST mmpSet",)),
    "maker_countdown": Need(
        offers=frozenset({"underlying"}),
        requests=("POST countdownCancelAll", "POST countdownCancelAll"),
        setting=True,
    ),
    "no_other_orders": Need(setting=True),
    "listen_key": Need(requests=("start a listen key", "close a listen key"), listen_key=True, depends_on="listen_key"),
    "no_listen_key": Need(listen_key=True, depends_on="listen_key"),
    "user_stream": Need(requests=("extend a listen key",)),
    "own_session": Need(public=True),
    "logged_on": Need(requests=("log on",), key_type="ED25519"),
    "ed25519_key": Need(key_type="ED25519"),
    "hmac_key": Need(key_type="HMAC"),
    "rsa_key": Need(key_type="RSA"),
}


def rows(names: Iterable[str]) -> list[Need]:
    """Return the rows of these needs; names that have none are refused by `contracts check`."""
    return [NEEDS[name] for name in names if name in NEEDS]


def requests_for(names: Iterable[str]) -> tuple[str, ...]:
    """Return the requests that preparing and undoing these needs sends, besides the case's own."""
    return tuple(request for need in rows(names) for request in need.requests)


def key_type_of(names: Iterable[str]) -> str:
    """Return the kind of key that one of these needs demands; empty when any will do."""
    return next((need.key_type for need in rows(names) if need.key_type), "")


def mode_of(names: Iterable[str]) -> str:
    """Return the mode of the account that one of these needs switches on; empty when none does.

    Where there are several, the one that stands first in the table.
    """
    named = set(names)
    return next((need.mode for name, need in NEEDS.items() if need.mode and name in named), "")
