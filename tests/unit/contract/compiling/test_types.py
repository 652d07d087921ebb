"""msgspec types of documented shapes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wireproof.contract.compiling import types
from wireproof.contract.compiling.compiled_shape import Schema
from wireproof.contract.shape import ShapeBuilder


def compiled(*shown: Any, formats: bool = True) -> Schema:
    return Schema(ShapeBuilder().build(list(shown)), formats=formats)


def test_equal_objects_share_a_type() -> None:
    compiled({"first": {"shared": "1"}})
    before = len(types.types)
    compiled({"second": {"shared": "1"}})
    assert len(types.types) == before + 1


def test_types_do_not_pile_up_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(types, "MOST_TYPES", 5)
    judges = [compiled({f"field{i}": i}) for i in range(20)]
    assert len(types.types) < 10
    assert all(judge.conforms(b'{"field%d":1}' % i) for i, judge in enumerate(judges))


@pytest.mark.parametrize("documented", [{'q"x': 1}, {"b\\x": 1}])
def test_what_msgspec_has_no_type_for_has_no_fast_path(documented: dict[str, Any]) -> None:
    judge = compiled(documented)
    assert not judge.compiled
    assert not judge.conforms(json.dumps(documented).encode())
