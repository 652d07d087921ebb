"""The causes of user-data events and stream messages that a case may name. One row each.

What carries a cause out stands in `suite.events`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseKind:
    """One kind of cause.

    Args:
        requests: What it sends: methods of the WebSocket API, or REST verb and name. Undoing it belongs to its needs.
        trades: Whether it places orders.
        venue_market: Whether only the local venue can carry it out. A stream that names it is just watched elsewhere.
        all_symbols: Whether it concerns every position of an account.
        stream_needs: The state that it needs where a stream names it (an event's case names its own needs); None where
            no stream can have it.

    """

    requests: tuple[str, ...] = ()
    trades: bool = True
    venue_market: bool = False
    all_symbols: bool = False
    stream_needs: tuple[str, ...] | None = None


CAUSES: dict[str, CauseKind] = {
    "resting_order": CauseKind(requests=("order.place",)),
    "cancelled_order": CauseKind(requests=("order.place", "order.cancel")),
    "amended_order": CauseKind(requests=("order.place", "order.modify")),
    "market_order": CauseKind(requests=("order.place",)),
    "expiring_order": CauseKind(requests=("order.place",)),
    "refused_order": CauseKind(requests=("order.place",)),
    "partial_fill": CauseKind(requests=("GET ticker/bookTicker", "order.place", "order.place")),
    "algo_placed": CauseKind(requests=("algoOrder.place",)),
    "algo_cancelled": CauseKind(requests=("algoOrder.place", "algoOrder.cancel")),
    "algo_triggered": CauseKind(
        requests=("GET ticker/bookTicker", "GET ticker/price", "algoOrder.place", "order.place")
    ),
    "trailing_stop_placed": CauseKind(requests=("algoOrder.place",)),
    "margin_added": CauseKind(requests=("POST positionMargin",)),
    "leverage_changed": CauseKind(requests=("POST leverage",), trades=False),
    "assets_mode_changed": CauseKind(requests=("POST multiAssetsMargin",), trades=False),
    "listen_key_stopped": CauseKind(requests=("userDataStream.stop",), trades=False),
    "margin_called": CauseKind(requests=("GET ticker/bookTicker", "account.position"), venue_market=True),
    "liquidated": CauseKind(
        requests=("GET ticker/bookTicker", "account.position"),
        venue_market=True,
        stream_needs=("symbol", "alone", "isolated_position"),
    ),
    "funding_settled": CauseKind(venue_market=True, all_symbols=True),
    "good_till_date_passed": CauseKind(requests=("order.place",), venue_market=True),
    "contract_changed": CauseKind(trades=False, venue_market=True, stream_needs=("symbol",)),
    "algo_expired": CauseKind(requests=("algoOrder.place",), venue_market=True),
    "algo_rejected": CauseKind(requests=("algoOrder.place", "GET ticker/bookTicker"), venue_market=True),
}

#: The row of a case that names no cause.
NO_CAUSE = CauseKind(trades=False)


def cause_kind(name: str) -> CauseKind:
    """Return the row of a cause; of a name that has none, a row that causes nothing."""
    return CAUSES.get(name, NO_CAUSE)
