"""Refusals of the venue: HTTP-like status, code and text as they go over the wire.

Codes: https://developers.binance.com/docs/derivatives/usds-margined-futures/error-code. Where a text that
the exchange sends differs from that page, it is the one used: docs/exchange.md#refused-keys, #rejected-orders.
"""

from __future__ import annotations

from typing import Any


class Refusal(Exception):  # noqa: N818  # an answer of the exchange, not a fault of the program
    """A request is answered with an error: `status`, `code`, `msg`, and `data` when the answer carries more."""

    def __init__(self, code: int, msg: str, *, status: int = 400, data: dict[str, Any] | None = None) -> None:
        super().__init__(code, msg, status)
        self.code, self.msg, self.status, self.data = code, msg, status, data

    def __str__(self) -> str:
        return f"{self.status} {self.code} {self.msg}"

    def body(self) -> dict[str, Any]:
        """Return the error object: `{"code", "msg"}`, with `data` when there is any."""
        return {"code": self.code, "msg": self.msg} | ({} if self.data is None else {"data": self.data})


def missing(name: str) -> Refusal:
    """-1102: a mandatory parameter is absent, empty or unreadable."""
    return Refusal(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def neither(first: str, second: str) -> Refusal:
    """-1102 for a pair of which one is needed."""
    return Refusal(-1102, f"Param '{first}' or '{second}' must be sent, but both were empty/null!")


def not_required(name: str) -> Refusal:
    """-1106: a parameter has no meaning here. Its name in lower case: docs/exchange.md#parameters-without-meaning."""
    return Refusal(-1106, f"Parameter '{name.lower()}' sent when not required.")


def invalid_data(name: str) -> Refusal:
    """-1130: an optional parameter cannot be read (docs/exchange.md#unreadable-optional-parameters)."""
    return Refusal(-1130, f"Data sent for parameter '{name}' is not valid.")


def invalid_symbol() -> Refusal:
    """-1121, for a symbol that the product does not list."""
    return Refusal(-1121, "Invalid symbol.")


def unknown_method(name: str) -> Refusal:
    """-5000. Its status on the WebSocket API is assumed to be that of REST: docs/exchange.md#unknown-methods."""
    return Refusal(-5000, f"Method {name} is invalid", status=404)


def unknown_path(path: str, verb: str) -> Refusal:
    """-5000 in the testnet's form; live answers an HTML page."""
    return Refusal(-5000, f"Path {path}, Method {verb} is invalid", status=404)


def rejected_key() -> Refusal:
    """-2015, without the documented full stop: docs/exchange.md#refused-keys."""
    return Refusal(-2015, "Invalid API-key, IP, or permissions for action", status=401)


def malformed_key() -> Refusal:
    """-2014: no key, or one of the wrong length (REST)."""
    return Refusal(-2014, "API-key format invalid.", status=401)


def invalid_signature() -> Refusal:
    """-1022, for a signature that does not fit the parameters and the key."""
    return Refusal(-1022, "Signature for this request is not valid.")


def unknown_order() -> Refusal:
    """-2013, for queries and modifications."""
    return Refusal(-2013, "Order does not exist.")


def unknown_order_sent() -> Refusal:
    """-2011, for cancellations."""
    return Refusal(-2011, "Unknown order sent.")


def no_listen_key() -> Refusal:
    """-1125; the documentation adds a sentence that the wire does not carry."""
    return Refusal(-1125, "This listenKey does not exist.")
