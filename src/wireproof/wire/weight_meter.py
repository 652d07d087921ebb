"""What requests really cost, as the counts in their answers show it.

Within a window a server's count only grows, and each answer reports it after its own request was charged. So answers in
the order of their counts are in the order in which they were charged, however many were under way at once, and the
difference between two neighbours is the cost of the later one, and of whatever else was charged in between: requests
that reported no count, and those of others who share the limit. What a contract costs is therefore at most its smallest
difference, and where most of its differences say the same as the documentation, so does the server.

That is enough to suspect, not to accuse: others may use the limit, and a server may count late. Whoever wants to say
something measures again, alone (`suite.running.weighing`), or relies on `is_alone`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

#: So many differences that all say the same are needed where nothing can be sent alone.
LEAST_AGREEING = 5
#: Of the differences of all other requests so many must be as documented: then nobody else uses the limit.
SHARE_AS_DOCUMENTED = 0.9
#: How many counts of one window are kept.
MOST_COUNTS = 20_000


@dataclass(frozen=True, slots=True)
class Counted:
    """A count that an answer reported: whose documentation says what the request costs, and its place in sending."""

    count: int
    documented: int
    contract: str
    granted: int


@dataclass(frozen=True, slots=True)
class Priced:
    """What is priced: requests of a contract with parameters for which this cost is documented."""

    contract: str
    documented: int


@dataclass(slots=True)
class WeightMeter:
    """The counts of one limit: of an IP's weight, an account's weight, or an account's orders."""

    by_window: dict[tuple[int, str], list[Counted]] = field(default_factory=dict)  # window, and whose limit it is
    notes: int = 0  # how many counts came
    last: Counted | None = None

    def note(self, window: int, whose: str, counted: Counted) -> None:
        """Take in a count of a window."""
        self.notes, self.last = self.notes + 1, counted
        counts = self.by_window.setdefault((window, whose), [])
        if len(counts) < MOST_COUNTS:
            counts.append(counted)

    def differences(self, window: int | None = None) -> dict[Priced, list[int]]:
        """Return what each request raised the count by, in all windows or one; the first of a window has none before.

        Of requests with one count the dearest was charged first: the others cost nothing.
        """
        found: dict[Priced, list[int]] = {}
        for (index, _), counts in self.by_window.items():
            if window not in (None, index):
                continue
            ordered = sorted(counts, key=lambda one: (one.count, -one.documented, one.granted))
            for before, one in pairwise(ordered):
                found.setdefault(Priced(one.contract, one.documented), []).append(one.count - before.count)
        return {priced: values for priced, values in found.items() if priced.contract}

    def suspects(self) -> dict[Priced, int]:
        """Return the requests that seem to cost otherwise than documented, with what most of their differences say."""
        found = {}
        for priced, values in self.differences().items():
            [(usual, _)] = Counter(values).most_common(1)
            if usual != priced.documented and values.count(priced.documented) * 2 < len(values):
                found[priced] = usual
        return found

    def agreed(self, window: int | None = None) -> dict[Priced, int]:
        """Return what several differences of a request agree on, all of them, and is not what is documented."""
        return {
            priced: values[0]
            for priced, values in self.differences(window).items()
            if len(values) >= LEAST_AGREEING and len(set(values)) == 1 and values[0] != priced.documented
        }

    def is_alone(self, apart: Priced) -> bool:
        """Whether the limit seems to be nobody else's: what all other requests raised it by is as documented."""
        others = [
            (priced.documented, value)
            for priced, values in self.differences().items()
            if priced.contract != apart.contract
            for value in values
        ]
        right = sum(documented == value for documented, value in others)
        return len(others) >= LEAST_AGREEING and right >= SHARE_AS_DOCUMENTED * len(others)
