"""Which of the selected cases can be sent to a target, and what is said of the others."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from wireproof.suite.planning.cases import blank_result
from wireproof.suite.vocabulary.marks import why_excluded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireproof.results.model import CaseResult
    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.target import Target

NO_KEY = (
    "no API key: set WIREPROOF_API_KEY with WIREPROOF_API_SECRET or WIREPROOF_PRIVATE_KEY,"
    " or select the cases that need none with -m public"
)
NO_TESTNET = "there is no testnet for this product"
READ_ONLY = "live is read-only: what changes an account is sent only with --allow-trading"


class Selection(Struct, kw_only=True):
    """Selected cases: to send, skipped (they were asked for, but cannot be sent), and excluded by policy."""

    send: list[PlannedCase]
    skipped: list[CaseResult]
    excluded: dict[str, str]  # case id -> reason


def exclusion(case: PlannedCase, target: Target) -> str:
    """Return why a case is left out of the selection on this target, or an empty text."""
    if target.name == "testnet" and not target.endpoints_of(case.contract.product).any:
        return NO_TESTNET
    if case.private and target.accounts:
        key_types = {credentials.key_type for credentials in target.accounts}
        if case.key_type and case.key_type not in key_types:
            return f"needs an {case.key_type} key"
    if reason := why_excluded(case.own_marks, target.name, len(target.accounts)):
        return reason
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
