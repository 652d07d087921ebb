"""Frames that fit nothing: of a stream that nobody subscribed, of an event type that no contract knows.

Whatever comes over a connection is accounted for. Such frames are counted and a few are kept; a type that no contract
knows is reported once, and a stream is only said to have sent nothing when nothing came.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.suite.aside import event_type_case, event_type_of, showable
from wireproof.suite.messages import MOST_KEPT, observation_of_messages
from wireproof.wire.user_stream import decoded

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from wireproof.contract.model import Surface
    from wireproof.suite.judge import Judge
    from wireproof.suite.scores import Scores
    from wireproof.suite.target import Target

#: How much of a frame is shown in a sentence.
SHOWN = 160


@dataclass
class _Kept:
    """The frames of one type: how many came, and the first few with their times."""

    count: int = 0
    frames: list[tuple[bytes, float]] = field(default_factory=list)


class Strays:
    """Collects the frames of one source that fit nothing.

    `source` says where they came, such as a URL; `known` are the event types that contracts know.
    """

    def __init__(self, source: str, known: Collection[str]) -> None:
        self.source, self.known = source, known
        self.count = 0
        self.first = b""
        self.by_type: dict[str, _Kept] = {}

    def take(self, raw: bytes, received_at: float, stream: str = "") -> None:
        """Count a frame, and keep it while there are few of its type; `stream` is the one it says to be of."""
        self.first = self.first or raw
        self.count += 1
        name = event_type_of(decoded(raw))
        shown = showable(name)
        if stream and (not name or name in self.known):  # a stream that nobody subscribed
            shown = f"{shown}-on-{showable(stream)}"
        kept = self.by_type.setdefault(shown, _Kept())
        kept.count += 1
        if len(kept.frames) < MOST_KEPT:
            kept.frames.append((raw, received_at))

    def words(self, redact: Callable[[str], str]) -> str:
        """Return a sentence that counts them and shows the first; empty when there is none."""
        if not self.count:
            return ""
        shown = redact(self.first.decode("utf-8", "replace"))[:SHOWN]
        frames = "1 frame that fits nothing came" if self.count == 1 else f"{self.count} frames that fit nothing came"
        return f"{frames}, first: {shown}"


def report_unknown(
    strays: Iterable[Strays],
    product: str,
    surface: Surface,
    *,
    scores: Scores,
    judge: Judge,
    target: Target,
) -> None:
    """List each event type among the strays that no contract of the product's surface knows, once."""
    together: dict[str, tuple[str, list[tuple[bytes, float]]]] = {}
    for stray in strays:
        for name, kept in stray.by_type.items():
            if name not in stray.known:
                together.setdefault(showable(target.redactor.text(name)), (stray.source, []))[1].extend(kept.frames)
    for name, (source, frames) in together.items():
        case = event_type_case(judge.store, product, surface, name)
        observation = observation_of_messages(case, source, frames, target, violations=(), began=frames[0][1])
        observation.event_type = name
        scores.report_aside(case, observation, judge, [raw for raw, _ in frames])


def strays_among(source: str, frames: Iterable[tuple[bytes, float]], known: Collection[str]) -> Strays:
    """Return those frames whose event type is not among the known ones."""
    found = Strays(source, known)
    for raw, received_at in frames:
        if event_type_of(decoded(raw)) not in known:
            found.take(raw, received_at)
    return found
