"""What an SDK says of a request, a stream or an event: less than a page, for nothing tells what is always there."""

from __future__ import annotations

import re

from msgspec import Struct, field

from wireproof.contract.model import Param, Security, Surface, Weight
from wireproof.pages.extracting.naming import event_name, request_name, stream_name


class Described(Struct, frozen=True, kw_only=True):
    """One request, stream or event of an SDK.

    `fields` has the kinds at each generalised path of the answer: string, integer, number, boolean, object, array,
    any. Below a path in `open_paths` the SDK says nothing. `words` are the sentences of its documentation, and
    `field_words` those that describe a field or a parameter.
    """

    surface: Surface
    name: str  # the verb of REST, the method, the pattern or the event
    path: str = ""  # of REST
    title: str = ""
    url: str = ""  # the page that the SDK links
    model: str = ""  # of an event: its class, which keeps its name when that of the event changes
    security: Security | None = None
    weight: Weight | None = None
    weight_words: str = ""
    speed: str = ""
    deprecated: bool = False
    params: tuple[Param, ...] = ()
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    open_paths: frozenset[str] = frozenset()
    shown: dict[str, object] = field(default_factory=dict)  # examples of values that it shows, by path
    words: tuple[str, ...] = ()
    field_words: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from the others, however it is spelled: surface, and a name without separators."""
        return self.surface.value, wire_key(self.surface, self.name, self.path)

    @property
    def id(self) -> str:
        """Its contract id without the product."""
        match self.surface:
            case Surface.STREAM:
                name = stream_name(self.name)
            case Surface.EVENT:
                name = event_name(self.name)
            case _:
                name = request_name(self.name, self.path)
        return f"{self.surface.value}/{name}"


def wire_key(surface: Surface, name: str, path: str = "") -> str:
    """Return how a request, stream or event is found: the same for `riskLevelChange` and `RISK_LEVEL_CHANGE`.

    What stands in the placeholders of a pattern is a matter of taste, and so is a speed that may be left out.
    """
    match surface:
        case Surface.EVENT:
            return re.sub(r"[\W_]", "", name).casefold()
        case Surface.STREAM:
            return re.sub(r"<[^>]*>", "<>", re.sub(r"(?<=.)@<updateSpeed>$", "", name.strip("/")))
        case Surface.REST:
            return f"{name.upper()} /{path.strip('/')}"
        case _:
            return name.strip("/")
