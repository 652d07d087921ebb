"""Several requests in one: JSON lists in parameters, each element with parameters and an answer of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from wireproof.venue.base.params import Params
from wireproof.venue.base.refusals import Refusal, invalid_data

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wireproof.venue.api.call import Call

Json = dict[str, Any]


def json_list(params: Params, name: str) -> list[Any]:
    """Return a parameter that holds a JSON list; -1130 when it holds none."""
    try:
        found = orjson.loads(params.needed_text(name))
    except orjson.JSONDecodeError:
        raise invalid_data(name) from None
    if not isinstance(found, list):
        raise invalid_data(name)
    return found


def json_objects(params: Params, name: str) -> list[Params]:
    """Return the objects of a JSON list as parameters; -1130 when it holds anything else."""
    found = json_list(params, name)
    if not all(isinstance(element, dict) for element in found):
        raise invalid_data(name)
    return [as_params(element) for element in found]


def as_params(element: Json) -> Params:
    """Return the members of an object as parameters, their values as the text that they have in JSON."""
    return Params({name: as_text(value) for name, value in element.items() if value is not None})


def as_text(value: Any) -> str:
    """Return a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def answers(call: Call, elements: Iterable[Params], needed: tuple[str, ...], run: Callable[[Call], Json]) -> list[Json]:
    """Run one request per element; return its answer, or the error object of its refusal, for each."""
    found = []
    for params in elements:
        try:
            params.need(needed)
            found.append(run(replace(call, params=params)))
        except Refusal as refusal:
            found.append(call.product.refused(refusal).body())
    return found
