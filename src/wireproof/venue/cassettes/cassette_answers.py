"""Which recorded answer a request gets: of the same request, else of the same symbol, else of the same name."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from wireproof.venue.cassettes.retelling import filled, made_up, shifted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wireproof.venue.cassettes.recording import Asked, RecordedAnswer, Recording

HOUR_MS = 3_600_000


class Retold(NamedTuple):
    """An answer for now."""

    status: int
    text: str
    headers: dict[str, str]


class CassetteAnswers:
    """Answers requests from a recording, and counts what was served and what was not recorded.

    `now` is the time in epoch milliseconds; `hours` is how old the recording may be; `shift` moves times to now.
    """

    def __init__(self, recording: Recording, now: Callable[[], int], *, hours: float, shift: bool) -> None:
        self.recording, self.now, self.hours, self.shift = recording, now, hours, shift
        self.served: Counter[str] = Counter()
        self.missing: Counter[str] = Counter()
        self._turns: Counter[tuple[Any, ...]] = Counter()

    @property
    def age_hours(self) -> float:
        """How old the recording is."""
        return max(0.0, self.now() - self.recording.recorded_at) / HOUR_MS

    @property
    def why_expired(self) -> str:
        """Why nothing is served of a recording that is too old, as a sentence; empty while it is not."""
        if self.age_hours <= self.hours:
            return ""
        return (
            f"This recording is {self.age_hours:.0f} hours old, and may be {self.hours:g} (--time-to-live): it says"
            " nothing of the exchange as it is. Record another one with wireproof run."
        )

    def of(self, product: str, asked: Asked) -> Retold | None:
        """Return the answer to a request; None where nothing that fits was recorded, which is counted."""
        found = self._found(product, asked)
        if found is None:
            self.missing[asked.name] += 1
            return None
        rule, known = found
        self.served[rule] += 1
        turn = (product, asked.name, asked.key)
        one = known[self._turns[turn] % len(known)]
        self._turns[turn] += 1
        text = filled(one.seen.response or "", one.asked.params, asked.params, listen_key=listen_key(one.seen.product))
        if self.shift:
            text = shifted(text, one.seen.at, self.now())
        return Retold(one.seen.status or 200, text, one.seen.headers or {})

    def _found(self, product: str, asked: Asked) -> tuple[str, Sequence[RecordedAnswer]] | None:
        known = self.recording.answers.get((product, asked.name), [])
        exact = [one for one in known if one.asked.key == asked.key]
        if exact:
            return "exact", [one for one in exact if one.is_success] or exact
        successes = [one for one in known if one.is_success]
        alike = [one for one in successes if one.asked.params.keys() == asked.params.keys()] or successes
        same = [one for one in alike if one.asked.symbol == asked.symbol and asked.symbol]
        same = same or [one for one in successes if one.asked.symbol == asked.symbol and asked.symbol]
        if same:
            return "of the same symbol", same[:1]
        return ("of the same name", alike[:1]) if alike else None

    def view(self) -> dict[str, Any]:
        """Return what the control route shows."""
        return {
            "recorded_at": round(self.recording.recorded_at),
            "age_hours": round(self.age_hours, 2),
            "time_to_live_hours": self.hours,
            "expired": self.why_expired,
            "served": dict(self.served),
            "not_recorded": dict(sorted(self.missing.items())),
        }


def listen_key(product: str) -> str:
    """Return the listen key of a product, whoever asks for it."""
    return made_up(f"{product} listen key")
