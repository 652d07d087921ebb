"""Rejections, generated from a contract's parameter table and the documented error codes.

A rejection sends a sound request with one fault. Its contract is the error envelope with the documented status and
one of the documented codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from wireproof.contract.model import Contract, Expectation, Fault, Param, RejectionRule, Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.contract.model import Product

UNKNOWN_SYMBOL = "WIREPROOFUSDT"
UNKNOWN_ORDER = 1
WRONG_VALUE = "WIREPROOF"
NOT_A_NUMBER = "not-a-number"

#: Parameters that name an order, and the ones that name it in another way.
ORDER_IDS = {"orderId": "origClientOrderId", "algoId": "clientAlgoId", "strategyId": "newClientStrategyId"}

#: Parameters that the signing step adds.
ADDED_BY_SIGNING = ("timestamp", "signature", "apiKey")

Tamper = Literal["", "wrong-key", "wrong-signature", "stale-timestamp", "future-timestamp", "mistyped-timestamp"]


class Rejection(Struct, frozen=True, kw_only=True):
    """A request with one fault, and the refusal that is documented for it."""

    name: str
    title: str
    params: dict[str, Any]
    expect: Expectation
    omit: tuple[str, ...] = ()
    tamper: Tamper = ""


def generate(contract: Contract, product: Product) -> Iterator[Rejection]:
    """Yield every rejection of a contract, in the order of its parameter table, then those of key and signature."""
    written = {case.id for case in contract.cases}
    for rejection in (*_parameter_faults(contract, product), *_key_faults(contract, product)):
        if f"rejects/{rejection.name}" not in written:
            yield rejection


def rule_for(contract: Contract, product: Product, fault: Fault, param: Param | None = None) -> RejectionRule | None:
    """Return the first rule that fits: the contract's own, then its product's. None when nothing is documented."""
    for rule in (*contract.rejections, *product.rejections):
        name, kind = (param.name, param.type) if param is not None else ("", None)
        here = rule.surface in (None, contract.surface)
        if here and rule.fault == fault and rule.param in ("", name) and (not rule.types or kind in rule.types):
            return rule
    return None


def _parameter_faults(contract: Contract, product: Product) -> Iterator[Rejection]:
    request = contract.of(Request)
    base = contract.base

    def rejection(fault: Fault, param: Param, title: str, **changes: Any) -> Iterator[Rejection]:
        rule = rule_for(contract, product, fault, param)
        if rule is not None and not rule.skip:
            name = fault if fault.startswith("unknown") else f"{fault}-{param.name}"
            expect = Expectation(status=rule.status, codes=rule.codes)
            yield Rejection(name=name, title=title, expect=expect, **changes)

    for param in request.params:
        others = {name: value for name, value in base.items() if name != param.name}
        if param.required:
            omit = (param.name,) if param.name in ADDED_BY_SIGNING else ()
            yield from rejection("missing", param, f"without {param.name}", params=others, omit=omit)
        if param.enum:
            wrong = {**others, param.name: WRONG_VALUE}
            yield from rejection("wrong-value", param, f"{param.name} outside its documented values", params=wrong)
        elif param.type in {"INT", "LONG", "DECIMAL"}:
            if param.name == "timestamp":
                yield from rejection(
                    "mistyped", param, "timestamp is not a number", params=dict(base), tamper="mistyped-timestamp"
                )
            else:
                wrong = {**others, param.name: NOT_A_NUMBER}
                yield from rejection("mistyped", param, f"{param.name} is not a number", params=wrong)
        if param.minimum is not None:
            less = {**others, param.name: param.minimum - 1}
            yield from rejection("too-small", param, f"{param.name} below {param.minimum}", params=less)
        if param.maximum is not None:
            more = {**others, param.name: param.maximum + 1}
            yield from rejection("too-large", param, f"{param.name} above {param.maximum}", params=more)
        if param.name == "symbol":
            yield from rejection(
                "unknown-symbol", param, "an unknown symbol", params={**base, "symbol": UNKNOWN_SYMBOL}
            )
        if ORDER_IDS.get(param.name) in {other.name for other in request.params}:
            named = {k: v for k, v in others.items() if k != ORDER_IDS[param.name]}
            yield from rejection(
                "unknown-order", param, "an unknown order", params={**named, param.name: UNKNOWN_ORDER}
            )


def _key_faults(contract: Contract, product: Product) -> Iterator[Rejection]:
    request = contract.of(Request)
    faults: list[tuple[Fault, str, dict[str, Any]]] = []
    if request.security.needs_key:
        faults += [
            ("missing-key", "without an API key", {"omit": ("apiKey",)}),
            ("wrong-key", "an API key that does not exist", {"tamper": "wrong-key"}),
        ]
    if request.security.is_signed:
        faults += [
            ("missing", "without a signature", {"omit": ("signature",)}),
            ("wrong-signature", "a signature over other parameters", {"tamper": "wrong-signature"}),
            ("stale-timestamp", "a timestamp older than recvWindow", {"tamper": "stale-timestamp"}),
            ("future-timestamp", "a timestamp ahead of the server's clock", {"tamper": "future-timestamp"}),
        ]
    for fault, title, changes in faults:
        rule = rule_for(contract, product, fault, Param(name="signature", type="STRING"))
        if rule is not None and not rule.skip:
            name = "missing-signature" if fault == "missing" else fault
            expect = Expectation(status=rule.status, codes=rule.codes)
            yield Rejection(name=name, title=title, params=dict(contract.base), expect=expect, **changes)
