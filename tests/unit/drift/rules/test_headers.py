"""Headers of HTTP answers that the documentation promises."""

from __future__ import annotations

import pytest

from wireproof.contract.model import Request, Surface
from wireproof.contract.store import load_store
from wireproof.drift.finding import Kind, Severity
from wireproof.drift.rules.headers import header_findings, promised

STORE = load_store()
WEIGHT, TEN_SECONDS, MINUTE = "x-mbx-used-weight-1m", "x-mbx-order-count-10s", "x-mbx-order-count-1m"
SOUND = {
    "content-type": "application/json;charset=UTF-8",
    WEIGHT: "17",
    TEN_SECONDS: "1",
    MINUTE: "-1",
    "x-sapi-used-ip-weight-1m": "5",
    "x-sapi-used-uid-weight-1m": "3000",
}
READ, ORDER = "usdm/rest/GET.fapi.v1.depth", "usdm/rest/POST.fapi.v1.order"


def found(name: str, headers: dict[str, str], *, success: bool = True) -> list[tuple[str, str]]:
    contract = STORE.contracts[name]
    findings = header_findings(contract, STORE.products[contract.product], headers, success=success)
    assert {(one.kind, one.severity) for one in findings} <= {(Kind.HEADER_CHANGED, Severity.RISKY)}
    return [(one.path.removeprefix("headers."), one.actual) for one in findings]


def test_every_product_promises_headers_and_sound_ones_conform() -> None:
    """Of all REST contracts of all products; no other surface has headers."""
    kept = set()
    for contract in STORE.contracts.values():
        product = STORE.products[contract.product]
        rules = list(promised(contract, product, success=True))
        assert bool(rules) == (contract.surface is Surface.REST), contract.id
        kept |= {(contract.product, rule.name) for rule in rules}
        assert found(contract.id, SOUND) == []
    assert {product for product, _ in kept} == set(STORE.products)
    stated = {(product.product, rule.name) for product in STORE.products.values() for rule in product.headers}
    assert stated == kept


@pytest.mark.parametrize("name", [READ, ORDER], ids=["read", "order"])
@pytest.mark.parametrize("left_out", [WEIGHT, TEN_SECONDS, MINUTE, "content-type"])
def test_a_header_that_is_missing_or_renamed_is_found(name: str, left_out: str) -> None:
    """Where it is promised: orders of their own have no weight, reads do not count as orders."""
    rest = {header: value for header, value in SOUND.items() if header != left_out}
    wanted = left_out == "content-type" or (left_out == WEIGHT) == (name == READ)
    assert found(name, rest) == ([(left_out, "no such header")] if wanted else [])
    assert found(name, rest | {f"{left_out}-x": "1"}) == found(name, rest)


@pytest.mark.parametrize("value", ["", "many", "1.5", "-2", "0x10", "1e3", "9" * 13, "\uff11\uff12"])
def test_a_weight_that_is_no_number_is_found(value: str) -> None:
    assert found(READ, SOUND | {WEIGHT: value}) == [(WEIGHT, f'"{value}"')]


@pytest.mark.parametrize("value", ["text/html", "text/plain; charset=utf-8", "application/jsonp", "", "json"])
def test_another_media_type_than_json_is_found(value: str) -> None:
    """Also of refusals, which are JSON, too."""
    assert found(READ, SOUND | {"content-type": value}, success=False) == [("content-type", f'"{value}"')]


@pytest.mark.parametrize("value", ["application/json", "Application/JSON; charset=utf-8", "application/problem+json"])
def test_json_may_be_called_by_all_its_names(value: str) -> None:
    assert found(READ, SOUND | {"content-type": value}) == []


def test_nothing_is_promised_of_the_weight_of_a_refusal() -> None:
    """Nor of what is documented to weigh nothing."""
    assert found(ORDER, {"content-type": "application/json"}, success=False) == []
    weightless = [
        contract.id
        for contract in STORE.contracts.values()
        if contract.surface is Surface.REST
        and contract.of(Request).weight.ip == 0
        and not contract.of(Request).weight.rules
    ]
    assert weightless
    assert all(WEIGHT not in dict(found(name, {"content-type": "application/json"})) for name in weightless)


def test_a_strange_value_is_shown_in_part() -> None:
    [(_, actual)] = found(READ, SOUND | {WEIGHT: "x" * 10_000})
    assert len(actual) < 100
