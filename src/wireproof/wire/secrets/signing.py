"""Signed requests: what is signed, and the text that is sent.

The signature covers text, so the text that is signed and the text that is sent must be the same: both come from
`json_text` (WebSocket API) or from one query string (REST).

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-api-general-info
https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from wireproof.wire.secrets.credentials import Credentials


def json_text(value: Any) -> str:
    """Return the compact JSON text of a value, as it stands in a frame; ValueError for NaN and infinity."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def scalar_text(value: Any) -> str:
    """Return the text of a parameter's value as it is signed: strings raw, everything else as its JSON text."""
    return value if isinstance(value, str) else json_text(value)


def frame_text(request_id: str | int, method: str, params: Mapping[str, Any]) -> str:
    """Return the text frame of a request; `params` is left out when empty."""
    frame: dict[str, Any] = {"id": request_id, "method": method}
    if params:
        frame["params"] = dict(params)
    return json_text(frame)


def payload(params: Mapping[str, Any]) -> str:
    """Return what a WebSocket API signature covers: every parameter but `signature`, by name, `k=v` joined with `&`.

    Values are not percent-encoded. Names sort in byte order.
    """
    return "&".join(f"{name}={scalar_text(params[name])}" for name in sorted(params) if name != "signature")


def sign_params(
    params: Mapping[str, Any],
    credentials: Credentials,
    *,
    timestamp_ms: int,
    recv_window: int | None = None,
    omit: Collection[str] = (),
) -> dict[str, Any]:
    """Return the parameters with `apiKey`, `timestamp`, `recvWindow` (milliseconds, when given) and `signature`.

    A value that `params` already has is kept, so that a wrong key, timestamp or signature can be sent on purpose.
    Names in `omit` are left out: before signing, so that only the lack of them is wrong.
    """
    added = {"apiKey": credentials.api_key, "timestamp": timestamp_ms}
    if recv_window is not None:
        added["recvWindow"] = recv_window
    full = {name: value for name, value in (added | dict(params)).items() if name not in omit}
    if "signature" not in full and "signature" not in omit:
        full["signature"] = credentials.sign(payload(full))
    return full


def query_text(params: Mapping[str, Any]) -> str:
    """Return parameters as a query string: UTF-8, percent-encoded, in the order given; lists as their JSON text."""
    return "&".join(f"{quote(name, safe='')}={quote(scalar_text(value), safe='')}" for name, value in params.items())


def signed_query(
    params: Mapping[str, Any],
    credentials: Credentials,
    *,
    timestamp_ms: int,
    recv_window: int | None = None,
    omit: Collection[str] = (),
) -> str:
    """Return the query string of a signed REST request, signature last; what is signed is the encoded text.

    Values that `params` already has are kept, names in `omit` left out, as in `sign_params`. The key is no parameter:
    it travels in the `X-MBX-APIKEY` header.
    """
    added: dict[str, Any] = {"timestamp": timestamp_ms}
    if recv_window is not None:
        added["recvWindow"] = recv_window
    merged = dict(params) | {name: value for name, value in added.items() if name not in params}
    given = merged.pop("signature", None)
    query = query_text({name: value for name, value in merged.items() if name not in omit})
    if "signature" in omit:
        return query
    signature = given if given is not None else credentials.sign(query)
    return f"{query}{'&' if query else ''}signature={quote(scalar_text(signature), safe='')}"
