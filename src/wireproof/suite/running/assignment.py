"""Which account runs which case, and in which order the cases of an account begin."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from wireproof.contract.model import Request
from wireproof.suite.planning.cases import DEAREST_FAULT
from wireproof.suite.vocabulary.needs import NEEDS, mode_of, requests_for, rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.state.account import Account


def assign(cases: Sequence[PlannedCase], accounts: Sequence[Account]) -> dict[Account, list[PlannedCase]]:
    """Give each case its account: the first, the one with the kind of key it needs, or one for its mode.

    Scripted cases are left out: they run when all accounts are at rest.
    """
    switched = {mode_of(case.needs) for case in cases}
    modes = [need.mode for need in NEEDS.values() if need.mode in switched - {""}]
    keyed = [account for account in accounts if account.credentials is not None] or list(accounts)
    by_mode = {mode: keyed[(index + 1) % len(keyed)] for index, mode in enumerate(modes)}
    by_turns = itertools.cycle(keyed)  # cases that hold an account's listen key wait for each other
    assigned: dict[Account, list[PlannedCase]] = {account: [] for account in accounts}
    for case in cases:
        if case.scripted:
            continue
        account = by_mode.get(mode_of(case.needs), keyed[0])
        if any(need.listen_key for need in rows(case.needs)):
            account = next(by_turns)
        elif any(need.setting for need in rows(case.needs)) or (case.kind == "event" and not case.account_wide):
            account = keyed[-1]
        if case.key_type:
            fitting = [a for a in keyed if a.credentials is not None and a.credentials.key_type == case.key_type]
            account = fitting[0] if fitting else account
        assigned[account].append(case)
    return assigned


def urgency(case: PlannedCase) -> tuple[int, int]:
    """Return the key that sorts cases: what takes a large part of a minute's weight first, then the longest chains."""
    subject = case.contract.subject
    weight = subject.weight.of(case.params) if isinstance(subject, Request) else 0
    return -weight if weight > DEAREST_FAULT * 10 else 0, -len(requests_for(case.needs))
