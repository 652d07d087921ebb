"""Signals: something that happens, and who is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Subject = TypeVar("Subject")


class Signal(Generic[Subject]):
    """Something that happens, again and again, to a market, an order or the like."""

    def __init__(self) -> None:
        self._subscribers: list[Callable[[Subject], object]] = []

    def subscribe(self, *subscribers: Callable[[Subject], object]) -> None:
        """Call `subscribers` whenever it happens, after those that are there already."""
        self._subscribers += subscribers

    def send(self, subject: Subject) -> None:
        """Say that it happened to `subject`."""
        for subscriber in self._subscribers:
            subscriber(subject)
