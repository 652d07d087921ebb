"""What the suite reads of answers to requests of its own: symbols, prices, orders, positions, settings, listen keys.

Such an answer may lack any field or hold another kind of value, like every answer of a target. It is read through
`Answer`, which says what is wrong with request and path: ``GET /fapi/v1/exchangeInfo: `symbols[3].filters` is
missing``. That is no finding, for the case of that request makes it; it blocks the cases that depend on what could not
be read. Values are never shown: they may be secrets.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NoReturn

from wireproof.errors import BlockedError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Digits of the longest number that is read; no price, quantity or id is longer.
LONGEST_NUMBER = 40
#: Characters of the longest text that is read: a listen key has 64, a WebSocket token a few hundred.
LONGEST_TEXT = 2048

_INTEGER = re.compile(r"-?\d{1,20}", re.ASCII)


class UnknownStateError(BlockedError):
    """What cases depend on is not known, because the request that tells it went wrong.

    `advice` says what to do. The cases that depend on it are blocked, all for the same reason.
    """

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason, advice)
        self.reason = reason
        self.advice = advice or "Look at the findings of the request that tells it first."

    def __str__(self) -> str:
        return self.reason


class UnreadableError(UnknownStateError):
    """An answer to a request of the suite's own cannot be used. `asked` is the request, `path` the place in it."""

    def __init__(self, asked: str, path: str, problem: str) -> None:
        self.asked, self.path, self.problem = asked, path, problem
        super().__init__(f"{asked}: `{path}` {problem}" if path else f"{asked}: the answer {problem}")


class Answer:
    """A decoded answer, or a part of one; reading it raises UnreadableError where it is not as needed."""

    __slots__ = ("_asked", "_path", "_value")

    def __init__(self, asked: str, value: Any, path: str = "") -> None:
        self._asked, self._value, self._path = asked, value, path

    @classmethod
    def decode(cls, asked: str, raw: bytes) -> Answer:
        """Return what a body says; UnreadableError when it is no JSON."""
        try:
            return cls(asked, json.loads(raw))
        except (ValueError, RecursionError):
            raise UnreadableError(asked, "", "is no JSON that can be read") from None

    def __repr__(self) -> str:
        return f"Answer({self._asked}, {self._path!r})"

    @property
    def document(self) -> Any:
        """The decoded value itself, for readers that say themselves what they cannot use."""
        return self._value

    def has(self, name: str) -> bool:
        """Whether this is an object with such a field that is not null."""
        return isinstance(self._value, dict) and self._value.get(name) is not None

    def at(self, name: str) -> Answer:
        """Return a field of an object."""
        if not isinstance(self._value, dict):
            self._refuse("an object")
        path = f"{self._path}.{name}".lstrip(".")
        if name not in self._value:
            raise UnreadableError(self._asked, path, "is missing")
        return Answer(self._asked, self._value[name], path)

    def get(self, name: str) -> Answer | None:
        """Return a field of an object, or None where it is absent or null."""
        return self.at(name) if self.has(name) else None

    @property
    def is_empty_text(self) -> bool:
        """Whether this is a text with nothing in it."""
        return isinstance(self._value, str) and not self._value

    def rows(self) -> Iterator[Answer]:
        """Yield the elements of a list."""
        if not isinstance(self._value, list):
            self._refuse("a list")
        for index, element in enumerate(self._value):
            yield Answer(self._asked, element, f"{self._path}[{index}]")

    def sole(self) -> Answer:
        """Return the object that this is, or the first one of a list."""
        if isinstance(self._value, list):
            for first in self.rows():
                return first
            self._refuse("a list with something in it")
        return self

    def text(self, name: str = "") -> str:
        """Return a text that is not empty."""
        place = self._place(name)
        value = place._value  # noqa: SLF001  # its own
        if not isinstance(value, str) or not value or len(value) > LONGEST_TEXT or not value.isprintable():
            place._refuse("a text that can be shown")  # noqa: SLF001
        return value

    def integer(self, name: str = "") -> int:
        """Return a whole number, also where it is written as text."""
        place = self._place(name)
        value = place._value  # noqa: SLF001
        if isinstance(value, str) and _INTEGER.fullmatch(value):
            return int(value)
        if type(value) is not int or abs(value) >= 10**LONGEST_NUMBER:
            place._refuse("a whole number")  # noqa: SLF001
        return value

    def decimal(self, name: str = "") -> Decimal:
        """Return a finite number, written as number or as text."""
        place = self._place(name)
        value = place._value  # noqa: SLF001
        if type(value) in {int, float} or (isinstance(value, str) and len(value) <= LONGEST_NUMBER):
            try:
                number = Decimal(str(value))
            except (InvalidOperation, ValueError):
                number = Decimal("NaN")
        else:
            number = Decimal("NaN")
        if not number.is_finite() or abs(number.adjusted()) > LONGEST_NUMBER:
            place._refuse("a number")  # noqa: SLF001
        return number

    def flag(self, name: str = "") -> bool:
        """Return true or false, also where it is written as text."""
        place = self._place(name)
        value = place._value  # noqa: SLF001
        if isinstance(value, str) and value.lower() in {"true", "false"}:
            return value.lower() == "true"
        if not isinstance(value, bool):
            place._refuse("true or false")  # noqa: SLF001
        return value

    def unusable(self, problem: str, name: str = "") -> UnreadableError:
        """Return the error that says what is wrong with this, or with a field of it."""
        place = self._place(name)
        return UnreadableError(self._asked, place._path, problem)  # noqa: SLF001

    def _place(self, name: str) -> Answer:
        return self.at(name) if name else self

    def _refuse(self, wanted: str) -> NoReturn:
        raise UnreadableError(self._asked, self._path, f"is {_kind(self._value)}, and {wanted} was needed")


def _kind(value: Any) -> str:
    """Return what a value is, in words that do not tell it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return ("text" if len(value) <= LONGEST_TEXT else "too long a text") if value else "an empty text"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return "an object"


def itself(answer: Answer) -> Any:
    """Return an answer as it is, for requests whose answer is not read or is read by the caller."""
    return answer
