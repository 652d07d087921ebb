"""Which of the selected cases can be sent to a target, and what is said of the others."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from wireproof.suite.planning.cases import blank_result

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireproof.results.model import CaseResult
    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.target import Target

NO_KEY = (
    "no API key: set WIREPROOF_API_KEY with WIREPROOF_API_SECRET or WIREPROOF_PRIVATE_KEY,"
    " or select the cases that need none with -m public"
)
READ_ONLY = "live is read-only: what changes an account is sent only with --allow-trading"
NO_COUNTERPARTY = "needs a second account to trade with"
NOT_ON_TESTNET = "the testnet does not serve it"
SCARCE = "sent to the local venue only: the exchange allows too few of them in a month"
VENUE_ONLY = "for the local venue only: on an exchange it would do harm, or cannot be brought about"
FINAL = "never sent to live: it cannot be taken back, or it moves money"

#: Marks of what is never sent to live, whatever is asked for.
FINAL_MARKS = frozenset({"irreversible", "real_money"})


class Selection(Struct, kw_only=True):
    """Selected cases: to send, skipped (they were asked for, but cannot be sent), and excluded by policy."""

    send: list[PlannedCase]
    skipped: list[CaseResult]
    excluded: dict[str, str]  # case id -> reason


def exclusion(case: PlannedCase, target: Target) -> str:
    """Return why a case is left out of the selection on this target, or an empty text."""
    if case.private and target.accounts:
        key_types = {credentials.key_type for credentials in target.accounts}
        if case.key_type and case.key_type not in key_types:
            return f"needs an {case.key_type} key"
    if "needs_counterparty" in case.own_marks and len(target.accounts) < 2:
        return NO_COUNTERPARTY
    if target.name == "testnet" and "not_on_testnet" in case.own_marks:
        return NOT_ON_TESTNET
    if target.name != "local" and "scarce" in case.own_marks:
        return SCARCE
    if target.name != "local" and "venue_only" in case.own_marks:
        return VENUE_ONLY
    if target.name == "live" and FINAL_MARKS & set(case.own_marks):
        return FINAL
    if case.changes_state and not target.allow_trading:
        return READ_ONLY
    return ""


def split(cases: Iterable[PlannedCase], target: Target) -> Selection:
    """Split the selected cases by what can be done with them on this target."""
    selection = Selection(send=[], skipped=[], excluded={})
    for case in cases:
        reason = exclusion(case, target)
        if reason:
            selection.excluded[case.id] = reason
        elif case.private and not target.accounts:
            result = blank_result(case)
            result.reason = NO_KEY
            selection.skipped.append(result)
        else:
            selection.send.append(case)
    return selection


def counted(excluded: dict[str, str]) -> dict[str, int]:
    """Return how many cases were left out for each reason."""
    return dict(Counter(excluded.values()))
