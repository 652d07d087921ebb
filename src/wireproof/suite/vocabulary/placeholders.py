"""Placeholders in a case's parameters: `{open_order.orderId}` becomes that value, with its type.

A placeholder is a whole value, never a part of one, so that numbers stay numbers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wireproof.errors import ContractFileError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

PLACEHOLDER = re.compile(r"^\{(\w+)\.(\w+)\}$")

#: What each kind of state offers to placeholders.
OFFERS: dict[str, frozenset[str]] = {
    "clock": frozenset({"now", "in_15_minutes", "an_hour_ago", "a_day_ago"}),
    "market": frozenset({"symbol", "pair", "base_asset", "margin_asset"}),
    "symbol": frozenset(
        {
            "name",
            "pair",
            "quantity",
            "quantity_number",
            "double_quantity",
            "double_quantity_number",
            "min_quantity",
            "resting_buy_price",
            "resting_buy_price_number",
            "lower_buy_price",
            "resting_sell_price",
            "resting_sell_price_number",
            "crossing_buy_price",
            "stop_sell_price",
            "stop_sell_trigger",
            "tiny_notional_price",
            "overprecise_price",
        }
    ),
    "alone": frozenset(),
    "client_order_id": frozenset({"value", "too_long"}),
    "client_algo_id": frozenset({"value"}),
    "second_order_id": frozenset({"value"}),
    "open_order": frozenset({"symbol", "orderId", "clientOrderId", "price", "origQty"}),
    "two_orders": frozenset({"symbol", "orderIds", "clientOrderIds", "first", "second"}),
    "cancelled_order": frozenset({"symbol", "orderId", "clientOrderId"}),
    "amended_order": frozenset({"symbol", "orderId", "clientOrderId"}),
    "position": frozenset({"quantity", "orderId"}),
    "isolated_position": frozenset({"quantity", "orderId", "margin"}),
    "margin_change": frozenset({"margin"}),
    "leverage": frozenset({"other"}),
    "margin_type": frozenset({"other"}),
    "liquidation": frozenset(),
    "heavy_position": frozenset({"quantity", "orderId"}),
    "algo_order_found": frozenset(),
    "countdown": frozenset(),
    "position_mode": frozenset(),
    "asset_mode": frozenset(),
    "fee_burn": frozenset({"other"}),
    "income_download": frozenset({"id"}),
    "order_download": frozenset({"id"}),
    "trade_download": frozenset({"id"}),
    "quote": frozenset({"id"}),
    "converted": frozenset({"orderId"}),
    "long_and_short": frozenset(),
    "algo_order": frozenset({"algoId", "clientAlgoId"}),
    "listen_key": frozenset(),
    "no_listen_key": frozenset(),
    "user_stream": frozenset(),
    "hedge_mode": frozenset(),
    "multi_assets": frozenset(),
    "own_session": frozenset(),
    "logged_on": frozenset(),
    "ed25519_key": frozenset(),
    "hmac_key": frozenset(),
    "rsa_key": frozenset(),
}

#: Offered to every case without asking.
ALWAYS = frozenset({"clock"})


def resolve(params: Any, state: Mapping[str, Mapping[str, Any]]) -> Any:
    """Return *params* with every placeholder replaced by the value that *state* holds for it."""
    if isinstance(params, dict):
        return {name: resolve(value, state) for name, value in params.items()}
    if isinstance(params, list):
        return [resolve(value, state) for value in params]
    if isinstance(params, str) and (found := PLACEHOLDER.match(params)):
        return state[found.group(1)][found.group(2)]
    return params


def check_placeholders(file: Path, case_id: str, params: Any, needs: Iterable[str]) -> None:
    """Refuse an unknown need, a placeholder of state that the case does not need, or of a value it does not offer."""
    needs = set(needs) | ALWAYS
    for need in sorted(needs):
        if need not in OFFERS:
            raise ContractFileError(
                file, f"case {case_id!r} needs {need!r}, which does not exist.", hint=did_you_mean(need, OFFERS)
            )
    for name, field in _placeholders(params):
        if name not in needs:
            problem = f"case {case_id!r} uses {{{name}.{field}}} without needing {name!r}."
            raise ContractFileError(file, problem, hint=did_you_mean(name, needs))
        if field not in OFFERS[name]:
            problem = f"case {case_id!r} uses {{{name}.{field}}}; {name!r} offers no {field!r}."
            raise ContractFileError(file, problem, hint=did_you_mean(field, OFFERS[name]))


def _placeholders(params: Any) -> list[tuple[str, str]]:
    if isinstance(params, dict):
        return [found for value in params.values() for found in _placeholders(value)]
    if isinstance(params, list):
        return [found for value in params for found in _placeholders(value)]
    found = PLACEHOLDER.match(params) if isinstance(params, str) else None
    return [(found.group(1), found.group(2))] if found else []
