"""Signals: subscribers are called in their order."""

from __future__ import annotations

from wireproof.venue.exchange.signals import Signal


def _note(called: list[tuple[str, int]], name: str, subject: int) -> None:
    called.append((name, subject))


def test_subscribers_are_called_in_the_order_in_which_they_subscribed():
    """Each with what it happened to, each time it happens."""
    signal: Signal[int] = Signal()
    called: list[tuple[str, int]] = []
    signal.subscribe(
        lambda subject: called.append(("first", subject)), lambda subject: called.append(("second", subject))
    )
    signal.subscribe(lambda subject: called.append(("third", subject)))
    for subject in (1, 2):
        signal.send(subject)
    assert called == [(name, subject) for subject in (1, 2) for name in ("first", "second", "third")]


def test_nobody_need_subscribe():
    """A signal without subscribers is sent into the void."""
    Signal[str]().send("nothing")
