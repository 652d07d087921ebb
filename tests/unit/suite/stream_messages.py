"""Messages as streams send them, made of the documented examples: of the subscription, each further than the last."""

from __future__ import annotations

import copy

MARKETS = {
    "usdm": {"symbol": "BTCUSDT", "pair": "BTCUSDT"},
    "coinm": {"symbol": "BTCUSD_PERP", "pair": "BTCUSD"},
    "options": {"symbol": "BTC-261225-90000-C", "pair": "BTCUSDT", "expiration": "261225"},
}
NOW = 1_790_000_000_000


def put(document, path, value):
    """Set what stands at a path of a message, of the first element of an array."""
    *above, last = path.replace("[].", "0.").split(".")
    for step in above:
        document = document[int(step) if step == "0" else step]
    if last in document:
        document[last] = value


def message(contract, wanted, offset, number):
    """Return a message of a contract as its stream would send it: of its symbol, later and further than the last."""
    made = copy.deepcopy(contract.examples[0].response)
    for path, value in wanted.items():
        put(made, path, value.replace("*", "PERP"))
    for rule in contract.monotonic:
        is_time = rule.path.endswith(("E", "T", "O", "C", "k.t"))
        put(made, rule.path, NOW + 1000 * number if is_time else offset + number)
    if isinstance(made, dict) and "pu" in made:
        made |= {"U": offset + number, "u": offset + number, "pu": offset + number - 1}
    for row in made if isinstance(made, list) else [made]:
        row["E"] = NOW + 1000 * number
    return made
