"""Marks of cases: for pytest's `-m`, and for where and how often a case is sent. One row each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping  # noqa: TC003  # a dataclass's fields
from dataclasses import dataclass, field

NOT_ON_TESTNET = "the testnet does not serve it"
SCARCE = "sent to the local venue only: the exchange allows too few of them in a month"
VENUE_ONLY = "for the local venue only: on an exchange it would do harm, or cannot be triggered"
FINAL = "never sent to live: it cannot be undone, or it moves money"
NO_COUNTERPARTY = "needs a second account to trade with"


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark.

    Args:
        meaning: What pytest says of it.
        in_contracts: Whether a contract file may give it to a case; the others follow from the case itself.
        inherited: Whether a contract's faults share it with its cases.
        accounts: How many accounts the target must have, or the case is left out.
        excluded: By name of the target, why the case is left out there.
        sent_once: Why the case may not be sent a second time; empty when it may.

    """

    meaning: str
    in_contracts: bool = False
    inherited: bool = False
    accounts: int = 0
    excluded: Mapping[str, str] = field(default_factory=dict)
    sent_once: str = ""


#: In the order in which they are asked why a case is left out.
MARKS: dict[str, Mark] = {
    "public": Mark("needs no API key"),
    "private": Mark("needs an API key"),
    "documented": Mark("a documented variant of a request"),
    "signature": Mark("a documented variant, signed in another way"),
    "rejection": Mark("a request with one fault, which must be refused as documented"),
    "stream": Mark("a market stream, watched for a while"),
    "event": Mark("a user-data event, provoked"),
    "trading": Mark("places, changes or cancels orders"),
    "account_wide": Mark("changes a mode of the whole account for a while", in_contracts=True),
    "needs_position": Mark("opens a position for a while"),
    "needs_counterparty": Mark("needs another trader", in_contracts=True, accounts=2),
    "not_on_testnet": Mark(
        "the testnet does not serve it", in_contracts=True, inherited=True, excluded={"testnet": NOT_ON_TESTNET}
    ),
    "scarce": Mark(
        "may be sent a few times a month only; local venue only",
        in_contracts=True,
        inherited=True,
        excluded={"testnet": SCARCE, "live": SCARCE},
        sent_once="the exchange allows too few of them in a month",
    ),
    "venue_only": Mark(
        "needs a market that can be controlled; local venue only",
        in_contracts=True,
        excluded={"testnet": VENUE_ONLY, "live": VENUE_ONLY},
    ),
    "irreversible": Mark(
        "cannot be undone; never sent to live",
        in_contracts=True,
        inherited=True,
        excluded={"live": FINAL},
        sent_once="what it does cannot be undone",
    ),
    "real_money": Mark(
        "moves money on live; never sent there", in_contracts=True, inherited=True, excluded={"live": FINAL}
    ),
}

#: Marks that a contract file may give a case.
CASE_MARKS = frozenset(name for name, mark in MARKS.items() if mark.in_contracts)


def inherited(marks: Iterable[str]) -> tuple[str, ...]:
    """Return those of the marks that a contract's faults share with its cases, sorted."""
    return tuple(sorted({name for name in marks if name in MARKS and MARKS[name].inherited}))


def why_sent_once(marks: Iterable[str]) -> str:
    """Return why a case with these marks may not be sent twice; empty when it may."""
    named = set(marks)
    return next((mark.sent_once for name, mark in MARKS.items() if mark.sent_once and name in named), "")


def why_excluded(marks: Iterable[str], target: str, accounts: int) -> str:
    """Return why a case with these marks is left out on a target with so many accounts; empty when it is not."""
    named = set(marks)
    for name, mark in MARKS.items():
        if name in named and (reason := NO_COUNTERPARTY if accounts < mark.accounts else mark.excluded.get(target, "")):
            return reason
    return ""
