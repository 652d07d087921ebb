"""Names of market streams, from documented patterns: `<symbol>@depth@<updateSpeed>` becomes `btcusdt@depth@100ms`.

Symbols, pairs, underlyings and contract types are in lower case; everything else is as given (`1M` is a month, `1m` a
minute).
https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/Connect
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wireproof.contract.model import Param, Stream

#: Parameters whose values are symbols or like them.
LOWERED = frozenset({"symbol", "pair", "underlying", "contractType"})

_HOLE = re.compile(r"@?<(\w+)>")


def stream_name(stream: Stream, params: Mapping[str, Any]) -> str:
    """Return the name to subscribe to; a parameter that is not given is left out with the `@` before it."""

    def filled(hole: re.Match[str]) -> str:
        value = params.get(hole[1])
        if value is None:
            return ""
        text = str(value).lower() if hole[1] in LOWERED else str(value)
        return f"@{text}" if hole[0].startswith("@") else text

    return _HOLE.sub(filled, stream.name)


def missing_params(params: Iterable[Param], given: Mapping[str, Any]) -> list[str]:
    """Return the required parameters that are not given."""
    return [param.name for param in params if param.required and param.name not in given]
