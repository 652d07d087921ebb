"""What became of a request that was answered with trouble: an order that was sent is looked up by its client order id.

"Unknown error" with 503, -1000, -1006 and -1007 leave open whether a request was carried out; "do not treat as
immediate failure; first verify via WebSocket updates or orderId queries". What stands is taken back like any state.
https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info (HTTP 503 Status)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.errors import WireproofError
from wireproof.recognition import Fate, recognise
from wireproof.suite.account import NO_SUCH_ORDER, RefusedError
from wireproof.suite.market import MALFORMED
from wireproof.suite.statements import may_have_changed

if TYPE_CHECKING:
    from wireproof.suite.needs import Scene
    from wireproof.wire.reply import Reply

#: State that holds the client id of an order which the case itself places.
_SENT = {"client_order_id": "order", "second_order_id": "order", "client_algo_id": "algo order"}


async def fate_of(scene: Scene, reply: Reply | None = None) -> str:
    """Return what became of what a case sent, as sentences; nothing when its request changes nothing.

    `reply` is what it was answered, if it was.
    """
    told = recognise(reply.status if reply is not None else 500, reply.raw if reply is not None else b"")
    if not may_have_changed(scene.case, told):
        return ""
    orders = [(what, str(scene.state[need]["value"])) for need, what in _SENT.items() if need in scene.state]
    if orders:
        return " ".join([await _fate_of_order(scene, what, name) for what, name in orders])
    return "" if told.fate is Fate.FAILED else "Whether it took effect is unknown."


async def _fate_of_order(scene: Scene, what: str, name: str) -> str:
    account, shown = scene.account, f"{what[0].upper()}{what[1:]} {name}"
    try:
        if what == "order":
            found = await account.ask("order.status", {"symbol": scene.symbol, "origClientOrderId": name})
        else:
            found = await account.ask_rest("GET", account.terms.path("algoOrder"), {"clientAlgoId": name})
        status = found["status" if what == "order" else "algoStatus"]
    except RefusedError as error:
        if error.code == NO_SUCH_ORDER:
            return f"{shown} was looked up: it does not exist."
        return f"{shown} could not be looked up ({error}); it is cancelled in case it stands."
    except (WireproofError, *MALFORMED) as error:
        return f"{shown} could not be looked up ({error}); it is cancelled in case it stands."
    return f"{shown} was looked up: it took effect ({status}) and is taken back."
