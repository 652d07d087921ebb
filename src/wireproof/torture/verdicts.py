"""What the suite made of the alterations of a run: found, missed or explained, and who was accused without cause.

Read from `result.json`, as anybody would.
"""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from wireproof.contract.model import Request
from wireproof.torture.alteration import Alteration  # noqa: TC001  # msgspec reads annotations when it writes
from wireproof.torture.explained import explanation
from wireproof.torture.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from wireproof.contract.store import Store
    from wireproof.torture.suite_runs import SuiteOutcome

Finding = dict[str, Any]
Case = dict[str, Any]

#: Alterations that are named beside an accusation.
MOST_SUSPECTS = 6

RANKS = {"additive": 0, "risky": 1, "breaking": 2}
UNJUDGED = frozenset({None, "blocked", "broken"})

#: Kinds after which a message does not say any more which contract it belongs to, or does not come: what is said of the
#: connection or the stream as a whole counts.
FACELESS = frozenset(
    {
        *("not-json", "truncated", "array-around", "binary", "envelope-renamed", "stream-unknown", "other-event"),
        *("id-foreign", "id-missing", "id-null", "id-typed", "muted", "dropped", "command-unanswered"),
    }
)

_KNOWN = frozenset().union(*(kind.findings for kind in KINDS.values()))


class Detection(StrEnum):
    """What became of an alteration."""

    FOUND = "found"
    MISSED = "missed"
    EXPLAINED = "explained"
    HIDDEN = "hidden"  # another alteration of the run kept the suite from asking, or nothing came to be altered


class AlterationVerdict(Struct, kw_only=True, omit_defaults=True):
    """What became of an alteration, and the words that show it: the finding, what was said instead, or the reason."""

    alteration: Alteration
    fate: Detection
    words: str
    altered: int = 0  # messages


class Accusation(Struct, kw_only=True, omit_defaults=True):
    """A case of a contract that was not altered in its run, and is breaking or broken all the same."""

    case: str
    verdict: str
    words: str
    run: int
    suspects: list[int] = field(default_factory=list)  # alterations of the run, those that others depend on first


class Judged(Struct, kw_only=True):
    """What became of one run."""

    verdicts: list[AlterationVerdict]
    accusations: list[Accusation]
    blocked: int = 0  # cases of contracts that were not altered
    unnamed: int = 0  # of these, those whose reason names no altered request


def judged(
    alterations: Sequence[Alteration],
    applied: Mapping[int, int],
    outcome: SuiteOutcome,
    store: Store,
    *,
    known: Collection[str] = (),
    foundations: Collection[str] = (),
) -> Judged:
    """Return what the suite made of the alterations of one run; `known` are fingerprints of the unaltered run."""
    cases: list[Case] = [dict(case) for case in outcome.cases]
    verdicts = [
        _verdict(one, applied.get(one.index, 0), cases, store, known, alone=len(alterations) == 1)
        for one in alterations
    ]
    altered = {one.contract for one in alterations}
    names = [_names(one, store) for one in alterations]
    found = Judged(verdicts=verdicts, accusations=[])
    faceless = {(one.product, one.surface) for one in alterations if one.kind in FACELESS}
    for case in cases:
        if case["contract"] in altered:
            continue
        if case.get("verdict") == "blocked":
            found.blocked += 1
            found.unnamed += not any(name in case.get("reason", "") for each in names for name in each)
        counted = [
            one for one in case.get("findings", ()) if RANKS[one["severity"]] == 2 and one["fingerprint"] not in known
        ]
        if any(_is_marked(one, each) for one in counted for each in alterations):
            continue
        if case.get("aside") and (case["product"], case["surface"]) in faceless:
            continue
        if case.get("verdict") == "broken" or counted:
            words = _shown(counted[0]) if counted else case.get("reason", "")
            found.accusations.append(
                Accusation(
                    case=case["id"],
                    verdict=case["verdict"],
                    words=words,
                    run=alterations[0].run if alterations else 0,
                    suspects=_suspects(case, alterations, foundations),
                )
            )
    return found


def _suspects(case: Case, alterations: Sequence[Alteration], foundations: Collection[str]) -> list[int]:
    """Return the alterations that are likeliest to have caused an accusation: those it depends on, and its kin."""
    words = set(_PARTS.split(case["contract"]))

    def kinship(one: Alteration) -> int:
        return -len(words & set(_PARTS.split(one.contract)))

    kin = sorted(alterations, key=kinship)
    likely = [*kin[:2], *sorted(kin, key=lambda one: one.contract not in foundations)]
    return list(dict.fromkeys(one.index for one in likely))[:MOST_SUSPECTS]


def _verdict(
    alteration: Alteration, altered: int, cases: Sequence[Case], store: Store, known: Collection[str], *, alone: bool
) -> AlterationVerdict:
    def said(fate: Detection, words: str) -> AlterationVerdict:
        return AlterationVerdict(alteration=alteration, fate=fate, words=words, altered=altered)

    mine = [case for case in cases if case["contract"] == alteration.contract]
    near = mine
    if alteration.kind in FACELESS:
        place = (alteration.product, alteration.surface)
        near = [*mine, *(case for case in cases if case.get("aside") and (case["product"], case["surface"]) == place)]
    findings = [one for case in near for one in case.get("findings", ()) if one["fingerprint"] not in known]
    findings += [one for case in cases for one in case.get("findings", ()) if _is_marked(one, alteration)]
    plausible = [one for one in findings if is_plausible(alteration, one)]
    if plausible:
        return said(Detection.FOUND, _shown(plausible[0]))
    if not altered and not alone:
        return said(Detection.HIDDEN, "no message came that it could alter")
    names = _names(alteration, store)
    reasons = [case.get("reason", "") for case in mine if case.get("verdict") == "blocked"]
    naming = [reason for reason in reasons if any(name in reason for name in names)]
    if naming:
        return said(Detection.EXPLAINED, f"blocked, and says why: {naming[0]}")
    is_judged = any(case.get("verdict") not in UNJUDGED for case in mine)
    if not is_judged:  # a machine too slow, another alteration: to be tried again
        return said(Detection.HIDDEN, next(iter(reasons), "none of its cases was judged"))
    if _is_tolerated(alteration, mine):
        return said(Detection.EXPLAINED, "the field is not documented, and a waiver or the baseline knows it")
    contract = store.contracts[alteration.contract]
    if reason := explanation(alteration, contract, store.products[contract.product]):
        return said(Detection.EXPLAINED, reason)
    if not altered:
        return said(Detection.EXPLAINED, "no message came that it could alter")
    return said(Detection.MISSED, _instead(mine, findings))


def _is_tolerated(alteration: Alteration, cases: Sequence[Case]) -> bool:
    """Whether what was altered is, or is part of, a field that no contract documents and is known all the same."""
    known = [one["finding"] for case in cases for one in (*case.get("waived", ()), *case.get("baseline", ()))]
    undocumented = [one["path"] for one in known if one["kind"] == "undocumented-field"]
    return any(
        alteration.shown_path == path or alteration.shown_path.startswith((f"{path}.", f"{path}["))
        for path in undocumented
    )


def _instead(cases: Sequence[Case], findings: Sequence[Finding]) -> str:
    if findings:
        return f"said instead: {_shown(findings[0])}"
    counted = Counter(str(case.get("verdict") or "not observed") for case in cases)
    said = ", ".join(f"{number} {verdict}" for verdict, number in counted.most_common())
    reason = next((case["reason"] for case in cases if case.get("verdict") in UNJUDGED and case.get("reason")), "")
    return said + (f": {reason}" if reason else "")


def _names(alteration: Alteration, store: Store) -> list[str]:
    """Return how a sentence may name what was altered: method, path, stream or event."""
    contract = store.contracts[alteration.contract]
    if isinstance(contract.subject, Request):
        return [contract.subject.path or contract.subject.method]
    return [contract.name, contract.id]


def _is_marked(finding: Finding, alteration: Alteration) -> bool:
    marker = alteration.marker
    return marker in str([finding.get(name) for name in ("path", "actual", "value", "samples")]).lower()


_PARTS = re.compile(r"[/.]")
_STEPS = re.compile(r"[^.\[\]]+")


def is_plausible(alteration: Alteration, finding: Finding) -> bool:
    """Whether a finding can be about an alteration: its kind fits, and it is at the place, above or below it.

    One that shows the alteration's marker is about it, whatever it is called.
    """
    kind = KINDS[alteration.kind]
    if _is_marked(finding, alteration):
        return True
    if finding["kind"] in _KNOWN and finding["kind"] not in kind.findings:
        return False
    if kind.edit is None:
        return True
    there = [step for step in _STEPS.findall(alteration.shown_path) if not step.isdigit()]
    here = [step for step in _STEPS.findall(finding["path"]) if not step.isdigit()]
    if alteration.kind in {"renamed", "key-case"}:
        there, here = there[:-1], here[: max(0, len(there) - 1)]
    length = min(len(there), len(here))
    if length < len(there) - 1:  # far above it
        return False
    return all(one in {other, "*"} for one, other in zip(here, there, strict=False))


def _shown(finding: Finding) -> str:
    where = finding["path"] or "(top level)"
    return f"{finding['severity']} {where}: {finding['kind']}, {finding['actual']}"[:240]


def missed_line(verdict: AlterationVerdict, again: str) -> str:
    """Return a miss in one line, with how to see it again: the options that chose it, and its number."""
    one = verdict.alteration
    before = f", before {one.before}" if one.before else ""
    return f"missed  #{one.index} {one.words}{before}: {verdict.words} [again: {again} --index {one.index}]"


def accused_line(accusation: Accusation) -> str:
    """Return a wrong accusation in one line, with what was altered in its run."""
    suspects = ", ".join(f"#{index}" for index in accusation.suspects)
    return (
        f"wrongly accused  {accusation.case} is {accusation.verdict}: {accusation.words}"
        f" [run {accusation.run}; altered: {suspects}, …]"
    )
