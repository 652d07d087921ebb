"""What was accepted is documented afterwards: the same answer conforms, and nothing else changed its meaning."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from made_contracts import made_contract

from wireproof.contract.model import Example, FieldRule, Product, Request, Security, Weight
from wireproof.contract.overlay import outdated
from wireproof.contract.store import read_contract
from wireproof.drift import accept as accepting
from wireproof.drift.accept import Origin
from wireproof.drift.compare import Comparer
from wireproof.drift.explain import new_finding
from wireproof.drift.finding import Kind
from wireproof.errors import UsageError
from wireproof.pages.writer import to_bytes

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTED = {
    "e": "test",
    "price": "1.50",
    "time": 1700000000000,
    "id": 7,
    "side": "BUY",
    "extra": [],
    "bids": [["1.0", "2.0"]],
    "filters": [{"filterType": "PRICE", "tickSize": "0.1"}, {"filterType": "LOT", "stepSize": "1"}],
    "assets": [{"asset": "USDT", "free": "1.0"}],
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "usdm" / "stream" / "test.json"
    path.parent.mkdir(parents=True)
    data = {
        "id": "usdm/stream/test",
        "title": "Test",
        "product": "usdm",
        "surface": "stream",
        "docs_url": "https://example.org",
        "revised": "2026-11-22",
        "stream": {"name": "<symbol>@test"},
        "examples": [
            {"name": "shown", "response": DOCUMENTED},
            {"name": "other", "when": "another condition", "response": DOCUMENTED},
        ],
        "refinements": [{"path": "side", "enum": ["BUY", "SELL"], "source": "docs"}],
    }
    path.write_text(json.dumps(data, indent=2) + "\n")
    return path


ORIGIN = Origin("testnet", "2026-11-22")
BARE = Product(product="usdm", title="", hosts={})


def accept(file: Path, findings: Any, observed: bytes, *, product: Product = BARE, **more: Any) -> list[str]:
    return accepting.accept(file, findings, observed, example="shown", origin=ORIGIN, product=product, **more)


def compare(file: Path, actual: Any, example: str = "shown") -> Any:
    comparer = Comparer(Product(product="usdm", title="", hosts={}))
    return comparer.payload(read_contract(file), example, json.dumps(actual).encode())


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in DOCUMENTED.items() if key != name}


CHANGES = {
    "a field that is gone": without("price"),
    "null": {**DOCUMENTED, "price": None},
    "another type": {**DOCUMENTED, "price": 1.5},
    "another format": {**DOCUMENTED, "time": 1700000000},
    "another notation": {**DOCUMENTED, "price": "2.8E-4"},
    "an integer of more bits": {**DOCUMENTED, "id": 2**64},
    "another event type": {**DOCUMENTED, "e": "other"},
    "a new field": {**DOCUMENTED, "fresh": {"a": "secret", "b": [1, 2]}},
    "a new field of some elements": {
        **DOCUMENTED,
        "assets": [*DOCUMENTED["assets"], {"asset": "BTC", "free": "1", "x": 1}],
    },
    "another type of some elements": {**DOCUMENTED, "assets": [*DOCUMENTED["assets"], {"asset": "BTC", "free": 1}]},
    "an element of an empty array": {**DOCUMENTED, "extra": [{"a": 1}, {"a": 2}]},
    "a longer row": {**DOCUMENTED, "bids": [["1.0", "2.0", "3.0"]]},
    "a shorter row": {**DOCUMENTED, "bids": [["1.0"]]},
    "an enum value": {**DOCUMENTED, "side": "HOLD"},
    "a variant": {**DOCUMENTED, "filters": [*DOCUMENTED["filters"], {"filterType": "NEW", "limit": 5}]},
    "an array that became an object": {**DOCUMENTED, "assets": {"asset": "USDT"}},
    "several at once": {**without("id"), "price": 1, "fresh": "x"},
}


@pytest.mark.parametrize("actual", CHANGES.values(), ids=CHANGES)
def test_an_accepted_answer_conforms_afterwards(file: Path, actual: dict[str, Any]) -> None:
    findings = compare(file, actual)
    assert findings
    sentences = accept(file, findings, json.dumps(actual).encode())
    assert len(sentences) == len(findings)
    assert compare(file, actual) == []
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("name", ["a field that is gone", "null", "a new field", "another type"])
def test_examples_of_another_condition_keep_their_meaning(file: Path, name: str) -> None:
    actual = CHANGES[name]
    before = compare(file, actual, "other")
    accept(file, compare(file, actual), json.dumps(actual).encode())
    assert compare(file, actual, "other") == before


def test_observed_values_do_not_enter_the_contract(file: Path) -> None:
    actual = CHANGES["a new field"]
    accept(file, compare(file, actual), json.dumps(actual).encode())
    assert "secret" not in file.read_text()
    assert '"fresh"' in file.read_text()


def test_a_status_cannot_be_accepted_into_a_shape(file: Path) -> None:
    before = file.read_text()
    finding = new_finding("usdm/stream/test", "status", Kind.STATUS_CHANGED, "200", "400")
    with pytest.raises(UsageError, match="Change the case's 'expect'"):
        accept(file, [finding], b"{}")
    assert file.read_text() == before


def test_an_answer_that_is_no_document_cannot_be_accepted(file: Path) -> None:
    with pytest.raises(UsageError, match="an HTML page"):
        accept(file, [], b"<html>")


def test_a_word_beyond_a_rule_of_the_product_becomes_an_enumeration_of_the_contract(file: Path) -> None:
    """Which a refinement of the contract is, and so it comes before the rule."""
    rule = FieldRule(where=("usdm/* assets[].asset",), enum="Asset", source="docs")
    product = Product(product="usdm", title="", hosts={}, enums={"Asset": ("USDT",)}, fields=(rule,))

    def findings() -> Any:
        return Comparer(product).payload(read_contract(file), "shown", json.dumps(actual).encode())

    actual = {**DOCUMENTED, "assets": [{"asset": "BTC", "free": "1"}]}
    accept(file, findings(), json.dumps(actual).encode(), product=product)
    assert findings() == []


def test_a_key_that_is_named_twice_cannot_be_accepted(file: Path) -> None:
    body = json.dumps(DOCUMENTED).encode().replace(b'"id": 7', b'"id": 7, "id": 8')
    findings = Comparer(Product(product="usdm", title="", hosts={})).payload(read_contract(file), "shown", body)
    with pytest.raises(UsageError, match="repeated-key at id is not about the shape"):
        accept(file, findings, body)


WITH_A_RULE = Product(
    product="usdm",
    title="",
    hosts={},
    enums={"Mode": ("FAST", "SLOW")},
    fields=(FieldRule(where=("usdm/* **.mode",), enum="Mode"),),
)


def test_a_word_that_the_product_does_not_know_is_accepted_for_this_contract_alone(file: Path) -> None:
    """The enumeration of the product means every other place of the field as well."""
    file.write_text(file.read_text().replace('"price"', '"mode": "FAST", "price"'))
    actual = {"mode": "ODD", **DOCUMENTED}
    findings = Comparer(WITH_A_RULE).payload(read_contract(file), "shown", json.dumps(actual).encode())
    assert [one.kind for one in findings] == [Kind.UNDOCUMENTED_VALUE]
    accept(file, findings, json.dumps(actual).encode(), product=WITH_A_RULE)
    assert Comparer(WITH_A_RULE).payload(read_contract(file), "shown", json.dumps(actual).encode()) == []


def test_a_new_string_is_accepted_as_words_unless_its_name_or_the_product_says_what_it_is(file: Path) -> None:
    """An accepted answer leaves no string undecided, so that the store can be checked afterwards."""
    actual = {**DOCUMENTED, "fresh": {"mood": "GOOD", "symbol": "BTCUSDT", "mode": "FAST", "list": ["a"], "n": "1.5"}}
    findings = Comparer(WITH_A_RULE).payload(read_contract(file), "shown", json.dumps(actual).encode())
    accept(file, findings, json.dumps(actual).encode(), product=WITH_A_RULE)
    said = {one.path: one.text for one in read_contract(file).refinements if one.text}
    assert said == {"fresh.mood": "words", "fresh.list[]": "words"}


def test_another_text_of_a_success_is_accepted_for_its_contract(tmp_path: Path) -> None:
    """The text is enumerated as it is shown, without any refinement or rule that could be extended."""
    file = tmp_path / "usdm" / "rest" / "POST.test.json"
    file.parent.mkdir(parents=True)
    documented = {"code": 200, "msg": "success"}
    contract = made_contract(
        Example(name="shown", response=documented),
        name="POST.test",
        subject=Request(method="POST", path="/test", security=Security.TRADE, weight=Weight(ip=1)),
    )
    file.write_bytes(to_bytes(contract))
    actual = {"code": 200, "msg": "done"}
    findings = compare(file, actual)
    assert [one.kind for one in findings] == [Kind.UNDOCUMENTED_VALUE]
    accept(file, findings, json.dumps(actual).encode())
    assert compare(file, actual) == compare(file, documented) == []


@pytest.mark.parametrize(
    ("path", "value"), [('["<redacted api key>"]', ""), ("side", "<redacted listen key>")], ids=["name", "value"]
)
def test_what_stands_in_the_place_of_a_secret_is_not_documented(file: Path, path: str, value: str) -> None:
    before = file.read_text("utf-8")
    finding = new_finding("usdm/stream/test", path, Kind.UNDOCUMENTED_VALUE, "BUY", "x", value=value)
    with pytest.raises(UsageError, match="about a secret"):
        accept(file, [finding], json.dumps(DOCUMENTED).encode())

    assert file.read_text("utf-8") == before


def test_what_was_observed_is_not_said_to_be_documented(file: Path) -> None:
    """Example and refinement name target and day; what else the example shows keeps its source."""
    actual = {**without("id"), "fresh": "x"}
    before = read_contract(file).examples
    accept(file, compare(file, actual), json.dumps(actual).encode())
    after = read_contract(file)
    [mark] = after.examples[0].observed
    assert (mark.path, mark.target, mark.date) == ("fresh", "testnet", "2026-11-22")
    assert [one.source for one in after.examples] == [one.source for one in before]
    sources = {one.path: one.source for one in after.refinements if "observed" in one.source}
    assert sources["id"] == "optional observed on testnet, 2026-11-22"


def test_a_refinement_of_the_documentation_says_which_part_of_it_was_observed(file: Path) -> None:
    data = json.loads(file.read_text("utf-8"))
    data.setdefault("refinements", []).append({"path": "id", "nullable": True, "source": "docs 2026-05-28"})
    file.write_text(json.dumps(data), "utf-8")
    accept(file, compare(file, without("id")), json.dumps(without("id")).encode())
    [held] = [one for one in read_contract(file).refinements if one.path == "id"]
    assert held.source == "docs 2026-05-28; optional observed on testnet, 2026-11-22"


def test_a_contract_for_an_overlay_is_written_there_and_knows_what_it_was_made_of(file: Path, tmp_path: Path) -> None:
    before = file.read_bytes()
    own = tmp_path / "own" / "usdm" / "stream" / file.name
    accept(file, compare(file, without("id")), json.dumps(without("id")).encode(), written=own)
    assert file.read_bytes() == before
    assert compare(own, without("id")) == []
    over = read_contract(own).over
    assert outdated(own, over, file) == ""
    accept(own, compare(own, {**without("id"), "x": 1}), b'{"x": 1}', written=own)
    assert read_contract(own).over == over
    file.write_bytes(before + b"\n")
    assert "another version" in outdated(own, over, file)
