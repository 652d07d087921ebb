"""Messages of each kind of place, and what can be altered in them."""

from __future__ import annotations

import json

from multidict import CIMultiDict

from wireproof.torture.alteration import Alteration
from wireproof.torture.plan import choices
from wireproof.torture.traffic import Learned, Place

HEADERS = CIMultiDict({"Content-Type": "application/json", "X-MBX-USED-WEIGHT-1M": "3"})


PAYLOAD = {
    "symbol": "BTCUSDT",
    "status": "TRADING",
    "price": "6000.01",
    "time": 1589437530011,
    "count": 7,
    "code": 200,
    "on": True,
    "sub": {"x": "-1.5"},
    "rows": [["1.0", "2.0"], ["3.0", "4.0"]],
    "e": "aggTrade",
    "s": "BTCUSDT",
}


LIMITS = [{"rateLimitType": "ORDERS", "limit": 300}]


MESSAGES = {
    "rest success": PAYLOAD,
    "rest error": {"code": -1121, "msg": "Invalid symbol."},
    "ws-api success": {"id": "a", "status": 200, "result": PAYLOAD, "rateLimits": LIMITS},
    "ws-api error": {"id": 7, "status": 400, "error": {"code": -1121, "msg": "No."}, "rateLimits": LIMITS},
    "stream message": {"stream": "btcusdt@aggTrade", "data": PAYLOAD},
    "event message": PAYLOAD,
    "command success": {"result": None, "id": 1},
    "command error": {"error": {"code": 2, "msg": "Invalid request"}, "id": 1},
}


def learned(bucket):
    """Return what was learned of one message of a place."""
    found = Learned()
    found.headers = {name.lower() for name in HEADERS}
    found.take(json.dumps(MESSAGES[bucket]).encode())
    return found


def possible():
    """Return one alteration for each kind at each place where it is possible, and each path of documents."""
    for bucket in MESSAGES:
        for choice in choices(Place("usdm/x/y", bucket), learned(bucket)):
            for path in choice.paths or ((),):
                yield Alteration(index=3, contract="usdm/x/y", bucket=bucket, kind=choice.kind, path=path)
