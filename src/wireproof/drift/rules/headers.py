"""How the headers of an HTTP answer differ from the documented ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wireproof.contract.model import Request, Surface
from wireproof.drift.explain import new_finding
from wireproof.drift.finding import Kind
from wireproof.recognition import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wireproof.contract.model import Contract, HeaderRule, Product, Weight
    from wireproof.drift.finding import Finding

#: What a weight may be: a number, or -1 for "not applicable", which the exchange sends where an order has no weight.
_INTEGER = re.compile(r"-1|[0-9]{1,12}", re.ASCII)
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json\s*(?:;.*)?", re.IGNORECASE | re.ASCII)

_WORDS = {"integer": "a number", "json": "a media type for JSON"}


def promised(contract: Contract, product: Product, *, success: bool) -> Iterator[HeaderRule]:
    """Yield the rules of the headers that an answer to a request is documented to have."""
    if contract.surface is not Surface.REST:
        return
    weight = contract.of(Request).weight
    for rule in product.headers:
        if rule.on == "answers" or (success and _counts(weight, rule.on)):
            yield rule


def header_findings(
    contract: Contract, product: Product, headers: Mapping[str, str], *, success: bool = True
) -> list[Finding]:
    """Return how the headers of an answer, by lower-case name, differ from those that it is documented to have."""
    found = []
    for rule in promised(contract, product, success=success):
        value = headers.get(rule.name)
        if value is not None and _fits(rule, value.strip()):
            continue
        path = f"headers.{rule.name}"
        actual = "no such header" if value is None else f'"{shortened(value, 60)}"'
        found.append(new_finding(contract.id, path, Kind.HEADER_CHANGED, _WORDS[rule.value], actual))
    return found


def _counts(weight: Weight, what: str) -> bool:
    match what:
        case "weighted":
            return any(one > 0 for one in (weight.ip, *(rule.ip for rule in weight.rules)))
        case "weighted-uid":
            return weight.uid > 0
        case "orders-10s":
            return weight.orders_10s > 0
        case _:
            return weight.orders_1m > 0


def _fits(rule: HeaderRule, value: str) -> bool:
    return (_INTEGER if rule.value == "integer" else _JSON).fullmatch(value) is not None
