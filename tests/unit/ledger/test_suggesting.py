"""What the ledger offers as refinements: never out of a handful of answers, and nothing that was gone for a while."""

from __future__ import annotations

import msgspec
import pytest
from made_contracts import PRODUCT, made_contract

from wireproof.contract.model import Refinement
from wireproof.contract.store import Store
from wireproof.drift.compare import Comparer
from wireproof.ledger.folding import fold
from wireproof.ledger.joining import join_all
from wireproof.ledger.suggesting import THRESHOLD, suggestions

SHOWN = {"rows": [{"symbol": "A", "kind": "SPOT", "price": "1.5", "limit": 7}]}
WORDS = Refinement(path="rows[].kind", enum=("SPOT", "PERP"), source="page")
CONTRACT = made_contract(SHOWN, refinements=(WORDS,))


def rows(number, kind="SPOT", **fields):
    """Return rows as documented but for `fields`; None leaves one out."""
    row = SHOWN["rows"][0] | {"kind": kind} | fields
    return [{name: value for name, value in row.items() if value is not ...} for _ in range(number)]


def offered(nights, tmp_path, *seen, contract=CONTRACT):
    """Return what is offered when each night saw one answer with such rows."""
    store = Store(tmp_path, {"usdm": PRODUCT}, {contract.id: contract})
    ledgers = []
    for night, found in enumerate(seen):
        body = msgspec.json.encode({"rows": found}).decode()
        observed = nights.made(contract, body)
        ledgers.append(fold(nights.run(night), [observed], store))
    return suggestions(contract, PRODUCT, join_all("testnet", ledgers))


def test_a_field_that_only_some_objects_show_is_offered_as_optional(nights, tmp_path):
    (one,) = offered(nights, tmp_path, *[[*rows(9), *rows(1, limit=...)]] * 3)
    assert (one.what, one.path, one.cases) == ("optional", "rows[].limit", (f"{CONTRACT.id}/case",))
    assert one.evidence == (
        "in 27 of 30 objects, in 3 of 3 answers, side by side in 3 runs; present 2026-11-18 to 2026-11-20,"
        " absent 2026-11-18 to 2026-11-20"
    )
    assert one.refinement == {
        "path": "rows[].limit",
        "optional": True,
        "source": f"observed on testnet, {one.evidence}",
    }


def test_what_is_offered_can_be_pasted_and_makes_the_difference_go(nights, tmp_path):
    body = msgspec.json.encode({"rows": [*rows(1), *rows(1, limit=..., price=None, kind="SWAP")]})
    seen = [[*rows(5), *rows(1, limit=..., price=None, kind="SWAP")]] * 3
    found = offered(nights, tmp_path, *seen)
    assert [one.what for one in found] == ["enum", "optional", "nullable"]
    assert Comparer(PRODUCT).response(CONTRACT, "e0", body)
    refined = {one.path: msgspec.convert(one.refinement, Refinement) for one in found}
    better = msgspec.structs.replace(CONTRACT, refinements=tuple({WORDS.path: WORDS, **refined}.values()))
    assert Comparer(PRODUCT).response(better, "e0", body) == []


def test_a_sibling_that_decides_without_exception_becomes_a_condition(nights, tmp_path):
    (one,) = offered(nights, tmp_path, *[[*rows(10), *rows(10, "PERP", limit=...)]] * 3)
    assert (one.what, one.refinement["when"]) == ("when", {"field": "kind", "one_of": ["SPOT"]})
    assert one.evidence.endswith("always with kind SPOT, never without")


@pytest.mark.parametrize(
    "night",
    [
        [*rows(10), *rows(9, "PERP", limit=...), *rows(1, "PERP")],  # with an exception
        [*rows(10), *rows(9, "PERP", limit=...)],  # too few of one side
        [*rows(10), *rows(10, "PERP", limit=...), *rows(1, kind=...)],  # not every object has the sibling
        [*rows(10), *rows(10, "PERP", limit=...), *rows(1, "SWAP")],  # a word that nobody documents
    ],
)
def test_otherwise_it_is_optional(nights, tmp_path, night):
    assert next(one for one in offered(nights, tmp_path, *[night] * 3) if one.path == "rows[].limit").what == "optional"


@pytest.mark.parametrize(
    "seen",
    [
        [[*rows(900), *rows(900, limit=...)]] * 2,  # two runs, however many answers
        [rows(9), rows(9), rows(9, limit=...), rows(9, limit=...), rows(9), rows(9)],  # gone, and back
        [rows(9)] * 4 + [rows(9, price=None)] * 4,  # null instead, since some night
        [rows(9, "SWAP")] * 2,
        [[*rows(9), *rows(1, symbol="B", new=1)]] * 9,  # undocumented: a difference, nothing to refine
    ],
)
def test_nothing_is_offered_out_of_a_handful_of_answers_or_of_what_was_gone(nights, tmp_path, seen):
    assert offered(nights, tmp_path, *seen) == []


def test_what_is_refined_already_is_not_offered_again(nights, tmp_path):
    known = (
        WORDS,
        Refinement(path="rows[].limit", optional=True, source="page"),
        Refinement(path="rows[].price", nullable=True, source="page"),
    )
    contract = made_contract(SHOWN, refinements=known)
    seen = [[*rows(5), *rows(1, limit=..., price=None)]] * 3
    assert offered(nights, tmp_path, *seen, contract=contract) == []
    assert "30 objects" in THRESHOLD
