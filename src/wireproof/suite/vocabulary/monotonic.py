"""Order: what the messages of one subscription must not do over one connection: come twice, or go back.

Which numbers order a stream's messages its contract says (`monotonic`). Only messages over the same connection are
compared: one that is opened anew begins anew. A message that cannot be read, or that nobody knows whose it was, leaves
a hole (None): numbers that grow by a fixed step are not compared across it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wireproof.counts import counted
from wireproof.drift.value_paths import values_at
from wireproof.recognition import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wireproof.contract.model import Contract, Monotonic

_ELEMENT = "[]."


@dataclass(slots=True)
class _Broken:
    """How often one number went wrong, and the first time in words."""

    times: int = 0
    first: str = ""


@dataclass
class MessageOrder:
    """Follows the messages of one subscription over one connection after another."""

    rules: Sequence[Monotonic]
    may_repeat: bool = False  # whether a message may come twice
    messages: int = 0
    twice: int = 0
    first_twice: bytes = b""
    _raws: set[bytes] = field(default_factory=set)
    _last: dict[tuple[Any, ...], int] = field(default_factory=dict)
    _broken: dict[str, _Broken] = field(default_factory=dict)
    _stepping: bool = True

    def begin(self) -> None:
        """Begin with another connection."""
        self._raws.clear()
        self._last.clear()

    def take(self, raw: bytes, document: Any) -> None:
        """Follow one message; `document` is what it holds, None for a hole."""
        if document is None:
            self._last = {key: last for key, last in self._last.items() if not self.rules[key[0]].step}
            return
        self.messages += 1
        if raw in self._raws:
            self.twice += 1
            self.first_twice = self.first_twice or raw
            return
        self._raws.add(raw)
        for place, rule in enumerate(self.rules):
            for key, number in numbers(rule, document):
                before = self._last.get((place, *key))
                self._last[place, *key] = number
                if before is not None and (problem := _problem(rule, key, before, number)):
                    broken = self._broken.setdefault(rule.path, _Broken(first=problem))
                    broken.times += 1

    def violations(self) -> Iterator[str]:
        """Yield what is wrong, as sentences."""
        if self.twice and not self.may_repeat:
            yield f"{self.twice} of {counted(self.messages, 'message')} came twice over one connection."
        for path, broken in self._broken.items():
            times = f"{counted(broken.times, 'time')} " if broken.times > 1 else ""
            yield f"`{path}` is out of order {times}in {counted(self.messages, 'message')}: {broken.first}."


def numbers(rule: Monotonic, document: Any) -> Iterator[tuple[tuple[Any, ...], int]]:
    """Yield each number that a rule means, with what tells its series apart; of an array, of each element."""
    paths = (rule.path, *rule.per)
    elements = [document]
    if rule.path.startswith(_ELEMENT):
        elements = document if isinstance(document, list) else []
        paths = tuple(path.removeprefix(_ELEMENT) for path in paths)
    for element in elements:
        number, *key = (next(values_at(element, path), None) for path in paths)
        if type(number) is int and all(isinstance(part, str | int) for part in key):
            yield tuple(key), number


def _problem(rule: Monotonic, key: tuple[Any, ...], before: int, number: int) -> str:
    """Return how a number does not follow the one before it; empty when it does."""
    whose = f" of {', '.join(shortened(str(part), 40) for part in key)}" if key else ""
    if rule.step and number != before + rule.step:
        return f"{number}{whose} came after {before}, though it grows by {rule.step}"
    if number < before:
        return f"{number}{whose} came after {before}"
    return f"{number}{whose} came again" if rule.strict and number == before else ""


def order_problems(contract: Contract) -> Iterator[str]:
    """Yield what a contract says of the order of its messages that no example shows."""
    for rule in contract.monotonic:
        for path in (rule.path, *rule.per):
            if not any(next(values_at(example.response, path), None) is not None for example in contract.examples):
                yield f"monotonic names {path!r}, which no example shows."
        if rule.step < 0:
            yield f"monotonic {rule.path!r} has the step {rule.step}; a number that grows has a positive one."
        if not all(path.startswith(_ELEMENT) == rule.path.startswith(_ELEMENT) for path in rule.per):
            yield f"monotonic {rule.path!r} is told apart by paths of another level: {', '.join(rule.per)}."
