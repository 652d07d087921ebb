"""The parameters of one request, as text, with the refusals that reading them can end in.

Values stay the text they arrived as, whether from a JSON string, a JSON number or a query string: 0.10 and "0.10" are
the same quantity, and the signature was made over that text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wireproof.venue.base.formats import read_decimal
from wireproof.venue.base.refusals import Refusal, invalid_data, missing, not_required

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from decimal import Decimal

_INTEGER = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_FLAGS = {"true": True, "false": False}


class Params:
    """Parameters by name. JSON null counts as not sent; an empty text is an error where the parameter is read."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def renamed(self, names: Mapping[str, str], **more: str) -> Params:
        """Return the parameters under other names, with `more` beside them."""
        return Params({names.get(name, name): value for name, value in self._values.items()} | more)

    def need(self, names: Iterable[str]) -> None:
        """Refuse with -1102 for the first of `names` that is absent or empty."""
        for name in names:
            if not self._values.get(name):
                raise missing(name)

    def text(self, name: str) -> str | None:
        """Return an optional parameter; an empty one is -1105."""
        value = self._values.get(name)
        if value == "":
            raise Refusal(-1105, f"Parameter '{name}' was empty.")
        return value

    def first_of(self, *names: str) -> str | None:
        """Return the first of several parameters that is sent; an empty one counts as not sent, and none is refused."""
        return next((self._values[name] for name in names if self._values.get(name)), None)

    def needed_text(self, name: str) -> str:
        """Return a mandatory parameter."""
        value = self._values.get(name)
        if not value:
            raise missing(name)
        return value

    def decimal(self, name: str) -> Decimal | None:
        """Return an optional number; unreadable is -1130: docs/exchange.md#unreadable-optional-parameters."""
        value = self.text(name)
        if value is None:
            return None
        number = read_decimal(value)
        if number is None:
            raise invalid_data(name)
        return number

    def needed_decimal(self, name: str) -> Decimal:
        """Return a mandatory number; unreadable is the "malformed" of -1102."""
        number = read_decimal(self.needed_text(name))
        if number is None:
            raise missing(name)
        return number

    def without_number(self, name: str) -> None:
        """Refuse a number that has no meaning here: -1106, or -1130 when it is none."""
        if self.decimal(name) is not None:
            raise not_required(name)

    def integer(self, name: str) -> int | None:
        """Return an optional integer."""
        value = self.text(name)
        if value is None:
            return None
        if not _INTEGER.fullmatch(value):
            raise invalid_data(name)
        return int(value)

    def needed_integer(self, name: str) -> int:
        """Return a mandatory integer."""
        value = self.needed_text(name)
        if not _INTEGER.fullmatch(value):
            raise missing(name)
        return int(value)

    def flag(self, name: str) -> bool | None:
        """Return an optional "true" or "false"; SDKs send JSON booleans and capitalised ones, too."""
        value = self.text(name)
        if value is None:
            return None
        if value.lower() not in _FLAGS:
            raise invalid_data(name)
        return _FLAGS[value.lower()]

    def needed_flag(self, name: str) -> bool:
        """Return a mandatory "true" or "false"."""
        value = self.needed_text(name).lower()
        if value not in _FLAGS:
            raise missing(name)
        return _FLAGS[value]

    def choice(self, name: str, allowed: Collection[str], refusal: Refusal, default: str) -> str:
        """Return one of `allowed`; anything else ends in `refusal`."""
        value = self.text(name)
        if value is None:
            return default
        if value not in allowed:
            raise refusal
        return value

    def needed_choice(self, name: str, allowed: Collection[str], refusal: Refusal) -> str:
        """Return a mandatory one of `allowed`."""
        value = self.needed_text(name)
        if value not in allowed:
            raise refusal
        return value
