"""The causes of user-data events and stream messages that a case may name. One row each.

What carries a cause out stands in `suite.events`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseKind:
    """One kind of cause.

    Args:
        requests: What it sends: operations of a product, or REST verb and name. Undoing it belongs to its needs.
        trades: Whether it places orders.
        venue_market: Whether only the local venue can carry it out. A stream that names it is just watched elsewhere.
        all_symbols: Whether it concerns every position of an account, or needs a price that other books move as well.
        stream_needs: The state that it needs where a stream names it (an event's case names its own needs); None where
            no stream can have it.

    """

    requests: tuple[str, ...] = ()
    trades: bool = True
    venue_market: bool = False
    all_symbols: bool = False
    stream_needs: tuple[str, ...] | None = None


CAUSES: dict[str, CauseKind] = {
    "resting_order": CauseKind(requests=("place an order",)),
    "cancelled_order": CauseKind(requests=("place an order", "cancel an order")),
    "amended_order": CauseKind(requests=("place an order", "modify an order")),
    "market_order": CauseKind(requests=("place an order",)),
    "expiring_order": CauseKind(requests=("place an order",)),
    "refused_order": CauseKind(requests=("place an order",)),
    "partial_fill": CauseKind(requests=("list quotes", "place an order", "place an order")),
    "algo_placed": CauseKind(requests=("place an algo order",)),
    "algo_cancelled": CauseKind(requests=("place an algo order", "cancel an algo order")),
    "algo_triggered": CauseKind(
        requests=("list quotes", "ask for the last price", "place an algo order", "place an order")
    ),
    "trailing_stop_placed": CauseKind(requests=("place an algo order",)),
    "margin_added": CauseKind(requests=("POST positionMargin",)),
    "leverage_changed": CauseKind(requests=("POST leverage",), trades=False),
    "assets_mode_changed": CauseKind(requests=("POST multiAssetsMargin",), trades=False),
    "listen_key_stopped": CauseKind(requests=("close a listen key",), trades=False),
    "borrowed": CauseKind(requests=("POST /papi/v1/marginLoan",), trades=False),
    "bnb_moved": CauseKind(requests=("POST /papi/v1/bnb-transfer",), trades=False),
    "time_passed": CauseKind(trades=False),
    "risk_level_changed": CauseKind(trades=False, venue_market=True),
    "open_orders_lost": CauseKind(trades=False, venue_market=True),
    "self_trade_prevented": CauseKind(requests=("place an order",) * 3, venue_market=True, all_symbols=True),
    "margin_called": CauseKind(requests=("list quotes", "list positions"), venue_market=True),
    "liquidated": CauseKind(
        requests=("list quotes", "list positions"),
        venue_market=True,
        stream_needs=("symbol", "alone", "isolated_position"),
    ),
    "funding_settled": CauseKind(venue_market=True, all_symbols=True),
    "good_till_date_passed": CauseKind(requests=("place an order",), venue_market=True),
    "made_reduce_only": CauseKind(trades=False, venue_market=True, all_symbols=True),
    "contract_changed": CauseKind(trades=False, venue_market=True, stream_needs=("symbol",)),
    "contract_listed": CauseKind(trades=False, venue_market=True, stream_needs=("symbol",)),
    "algo_expired": CauseKind(requests=("place an algo order",), venue_market=True),
    "algo_rejected": CauseKind(requests=("place an algo order", "list quotes"), venue_market=True),
}

#: The row of a case that names no cause.
NO_CAUSE = CauseKind(trades=False)


def cause_kind(name: str) -> CauseKind:
    """Return the row of a cause; of a name that has none, a row that causes nothing."""
    return CAUSES.get(name, NO_CAUSE)
