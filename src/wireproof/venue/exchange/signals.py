"""Signals: something that happens, and the functions that are called when it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Subject = TypeVar("Subject")


class Signal(Generic[Subject]):
    """Something that happens to a subject: a market, an order."""

    def __init__(self) -> None:
        self._subscribers: list[Callable[[Subject], object]] = []

    def subscribe(self, *subscribers: Callable[[Subject], object]) -> None:
        """Call `subscribers` whenever it happens, after those that subscribed earlier."""
        self._subscribers += subscribers

    def send(self, subject: Subject) -> None:
        """Call all subscribers with `subject`, in the order in which they subscribed."""
        for subscriber in self._subscribers:
            subscriber(subject)
