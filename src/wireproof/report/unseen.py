"""What a run did not see, in words: fields that never came, and contracts that were not exercised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.counts import counted
from wireproof.drift.finding import Verdict
from wireproof.drift.seen_fields import is_empty
from wireproof.escape import code, one_line, prose
from wireproof.results.conclusion import NOT_SELECTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wireproof.drift.seen_fields import Sight, UnseenField
    from wireproof.results.model import CaseResult, Idle, RunResult
    from wireproof.results.run_summary import Summary

EMPTY_TAG = "shown empty"
NOT_EXERCISED = "not exercised: "  # in a list of other things
_PATHS = 12  # named in one line
_CONTRACTS = 200  # named in one line of summary.md
_CONTRACTS_IN_TERMINAL, _EMPTY_IN_TERMINAL = 5, 20
_FROM_ONE_WORD = {"empty", "null", "absent"}


def sight_sentence(summary: Summary) -> str:
    """Return how many documented fields the answers showed, and how many contracts showed next to nothing."""
    contracts = len(summary.run.sights)
    if not contracts:
        return ""
    empty, refused = len(summary.shown_empty), len(summary.only_refused)
    seen = f"{summary.fields_seen:,} of {summary.fields:,}"
    said = [f"Documented fields seen: {seen} in {counted(contracts, 'contract')} that answered"]
    said += [f"{counted(empty, 'contract')} answered with hardly more than empty lists"] if empty else []
    said += [f"{counted(refused, 'more contract')} only refused"] if refused else []
    return "; ".join(said) + "."


def sight_lines(summary: Summary) -> list[str]:
    """Return a Markdown line per contract of which a documented field was never seen, the emptiest first."""
    return [f"{code(name)}{words}" for name, words in _sights(summary, code, f" (**{EMPTY_TAG}**)")]


def plain_sight_lines(summary: Summary) -> list[tuple[str, str]]:
    """Return the same as plain text: a contract, and what of it was never seen."""
    return [(name, one_line(words, 600)) for name, words in _sights(summary, str, f" ({EMPTY_TAG})")]


def _sights(summary: Summary, text: Callable[[str], str], mark: str) -> list[tuple[str, str]]:
    lacking = [sight for sight in summary.run.sights if sight.unseen]
    refused = [(one, ": only refused, so none of its documented fields") for one in summary.only_refused]
    return refused + [
        (
            sight.contract,
            f"{mark * sight.is_empty}: {_seen(sight)}; {places(sight.unseen, text, always='always ')}",
        )
        for sight in sorted(lacking, key=lambda sight: not sight.is_empty)
    ]


def _seen(sight: Sight) -> str:
    return f"{sight.seen:,} of {sight.fields:,} seen"


def empty_lines(summary: Summary) -> list[str]:
    """Return a plain line with the contracts that answered with hardly more than empty lists, if there are any."""
    empty = summary.shown_empty
    more = (
        f" and {counted(len(empty) - _EMPTY_IN_TERMINAL, 'more contract')}" if len(empty) > _EMPTY_IN_TERMINAL else ""
    )
    return [f"{EMPTY_TAG}: {', '.join(empty[:_EMPTY_IN_TERMINAL])}{more}"] if empty else []


def places(unseen: Iterable[UnseenField], text: Callable[[str], str], *, always: str = "") -> str:
    """Return places by how they were not seen, and why: `always empty: [] (15 fields); always absent: a, b (…)`."""
    together: dict[tuple[str, str], list[str]] = {}
    for one in unseen:
        number = f" ({counted(one.fields, 'field')})" if one.fields > 1 else ""
        together.setdefault((one.why, one.because), []).append(f"{text(one.path or 'the whole answer')}{number}")
    said = []
    for (why, because), found in together.items():
        kept = found[:_PATHS] + ([f"{len(found) - _PATHS:,} more"] if len(found) > _PATHS else [])
        word = f"{always}{why}" if _FROM_ONE_WORD.issuperset(why.split(" or ")) else why
        said.append(f"{word}: {', '.join(kept)}{f' ({prose(because)})' if because else ''}")
    return "; ".join(said)


def is_shown_empty(case: CaseResult) -> bool:
    """Whether a case's answer was hardly more than empty lists, where elements are documented."""
    return is_empty(case.fields, case.unseen)


def case_sentence(case: CaseResult) -> str:
    """Return in Markdown what the answer of a case did not show beside its findings; empty when that is nothing."""
    told = {finding.path for finding in case.every_finding}
    unseen = [one for one in case.unseen if one.path not in told]
    if not unseen:
        return ""
    missed = sum(one.fields for one in unseen)
    said = f"Documented fields not shown, {missed:,} of {case.fields:,}: {places(unseen, code)}."
    if is_shown_empty(case):
        return f"**{EMPTY_TAG}**: the answer was hardly more than empty lists, so it proves little. {said}"
    return said


def idle_lines(run: RunResult) -> list[str]:
    """Return a Markdown line per reason why contracts were not exercised: the contracts and the reason."""
    return [_idle(one, prose, code, _CONTRACTS) for one in run.idle]


def plain_idle_lines(run: RunResult) -> list[str]:
    """Return the same as plain lines, without what was blocked: banner and cases say that already."""
    told = [one for one in run.idle if not one.reason.startswith(f"{Verdict.BLOCKED.value}: ")]
    lines = [_idle(one, str, str, _CONTRACTS_IN_TERMINAL) for one in told]
    return [line if line.endswith(NOT_SELECTED) else f"{NOT_EXERCISED}{line}" for line in lines]


def _idle(idle: Idle, text: Callable[[str], str], name: Callable[[str], str], most: int) -> str:
    number = len(idle.contracts)
    if idle.reason == NOT_SELECTED:
        return f"{counted(number, 'contract')} {NOT_SELECTED}"
    more = f" and {counted(number - most, 'more contract')}" if number > most else ""
    return f"{', '.join(map(name, idle.contracts[:most]))}{more}: {text(one_line(idle.reason, 200))}"
