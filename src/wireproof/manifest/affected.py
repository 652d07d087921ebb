"""A night judged for one client: what it found, against what the client's manifest says that it reads."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct

from wireproof.counts import counted, first_few
from wireproof.drift.finding import Finding, Kind, Severity, fingerprint
from wireproof.escape import one_line
from wireproof.manifest.touching import Effect, TouchedField, touched
from wireproof.results.conclusion import EXERCISED, Outcome, deviations, difference
from wireproof.results.wording import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wireproof.contract.dated_changes import DatedChange
    from wireproof.manifest.client_manifest import Manifest
    from wireproof.results.model import CaseResult, RunResult

KnownAs = Literal["", "waived", "baseline", "unsteady", "accepted"]

#: Kinds of cases whose answer is to be a refusal.
_REFUSALS = frozenset({"rejection", "signature"})


class ClientTouch(Struct, frozen=True, kw_only=True):
    """A difference that touches the client: what differs, which of its fields, since when.

    `known_as` says what wireproof knows of it: a waiver and the baseline are wireproof's, not the client's, so that the
    difference counts all the same; unsteady was not seen again, and accepted is what the manifest says; neither counts.
    """

    contract: str
    path: str
    kind: str
    effect: Effect  # the worst of its fields
    fields: tuple[TouchedField, ...]  # what becomes of each place that the client reads, worst first
    says: str  # what differs, in words
    since: str = ""  # the day on which it was first seen
    in_force: str = ""  # of a change to come: its day
    days: int = 0  # and in how many days that is
    known_as: KnownAs = ""
    reason: str = ""  # of its waiver, or of the manifest
    fingerprint: str = ""
    cases: int = 0  # that show it
    link: str = ""  # where it is documented

    @property
    def counts(self) -> bool:
        """Whether the verdict rests on it."""
        return self.known_as in {"", "waived", "baseline"}


class UnknownContract(Struct, frozen=True, kw_only=True):
    """A contract that the night says nothing about, and why; `accepted` is why the manifest calls that fine."""

    contract: str
    reason: str
    accepted: str = ""


class GateReport(Struct, kw_only=True):
    """What a night, and the changes that are announced, mean for one client."""

    verdict: Outcome
    sentence: str
    client: str
    target: str
    run: str  # id of the night
    date: str  # its end, 2026-11-22T04:17:00Z
    age_hours: float
    as_of: str = ""  # up to which day announced changes were judged
    contracts: int = 0  # that the client reads
    fields: int = 0  # places that it reads
    touches: list[ClientTouch] = msgspec.field(default_factory=list)  # worst first
    upcoming: list[ClientTouch] = msgspec.field(default_factory=list)  # announced and not in force on that day, by day
    unknown: list[UnknownContract] = msgspec.field(default_factory=list)
    quiet: list[str] = msgspec.field(default_factory=list)  # streams on which nothing came, which is normal of them
    notes: list[str] = msgspec.field(default_factory=list)


def judge_night(
    run: RunResult,
    manifest: Manifest,
    *,
    now: datetime,
    most_hours: float,
    since: Callable[[str], str] = lambda _: "",
    changes: Iterable[DatedChange] = (),
    as_of: date | None = None,
) -> GateReport:
    """Return what a night means for a client.

    `since` gives the day on which a fingerprint was first seen. `changes` that come into force after the night and up
    to `as_of` are judged by the same rules.
    """
    ended = _moment(run.ended_at or run.started_at)
    age = max((now - ended).total_seconds() / 3600, 0.0)
    report = GateReport(
        verdict=Outcome.OK,
        sentence="",
        client=f"{manifest.client.name} {manifest.client.version}".strip(),
        target=run.target,
        run=run.run,
        date=moment(run.ended_at or run.started_at),
        age_hours=round(age, 1),
        as_of=as_of.isoformat() if as_of else "",
        contracts=len(manifest.contracts),
        fields=sum(len({(one.path, one.by) for one in use.reads}) for use in manifest.contracts.values()),
    )
    report.touches = _worst_first(_touches(run, manifest, since))
    if as_of is not None:
        first = min(ended.date(), now.date())
        report.upcoming = sorted(
            _upcoming(changes, manifest, run.target, after=first, until=as_of, today=now.date()),
            key=lambda one: (one.in_force, -one.effect.rank, one.contract, one.path),
        )
    unknown = list(_unknown(run, manifest, report.quiet))
    if age > most_hours:
        reason = f"the night is {age:.0f} h old, and more than {most_hours:g} h say nothing of today"
        unknown = [UnknownContract(contract=name, reason=reason) for name in manifest.contracts]
        report.quiet.clear()
    report.unknown = unknown
    report.notes = list(_notes(run, manifest))
    report.verdict, report.sentence = _verdict(report)
    return report


def _moment(milliseconds: float) -> datetime:
    return datetime.fromisoformat(moment(milliseconds)).astimezone(UTC)


# -- what differs -----------------------------------------------------------------------------------------------------


class _Seen(Struct):
    """A finding with the cases that show it, and what is known of it."""

    finding: Finding
    known_as: KnownAs
    reason: str
    link: str
    refusal: bool = True  # whether only answers show it that were to be refusals
    cases: int = 0
    occurrences: int = 0
    of: int = 0


def _touches(run: RunResult, manifest: Manifest, since: Callable[[str], str]) -> Iterator[ClientTouch]:
    accepted = {one.fingerprint: one.reason for one in manifest.accepted}
    together: dict[tuple[str, str, KnownAs], _Seen] = {}
    for case in run.cases:
        for finding, known_as, reason in _findings(case):
            if finding.contract in manifest.contracts:
                key = (finding.contract, finding.fingerprint, known_as)
                one = together.setdefault(key, _Seen(finding, known_as, reason, case.docs_url))
                one.refusal = one.refusal and case.kind in _REFUSALS
                one.cases += 1
                one.occurrences += finding.occurrences
                one.of += finding.of
    renames = {one.finding.fingerprint: one.rename for one in deviations(run) if one.rename} if together else {}
    for one in together.values():
        finding = one.finding
        fields = touched(finding, manifest.contracts[finding.contract], manifest, refusal=one.refusal)
        if not fields:
            continue
        known_as, reason = one.known_as, one.reason
        if finding.fingerprint in accepted:
            known_as, reason = "accepted", accepted[finding.fingerprint]
        rename = renames.get(finding.fingerprint, "")
        says = f"{finding.kind}: {difference(finding, one.occurrences, one.of)}" + (f"; {rename}" if rename else "")
        yield ClientTouch(
            contract=finding.contract,
            path=finding.path,
            kind=finding.kind,
            effect=fields[0].effect,
            fields=tuple(fields),
            says=says,
            since=since(finding.fingerprint)[:10],
            known_as=known_as,
            reason=reason,
            fingerprint=finding.fingerprint,
            cases=one.cases,
            link=one.link,
        )


def _findings(case: CaseResult) -> Iterator[tuple[Finding, KnownAs, str]]:
    yield from ((one, "", "") for one in case.findings)
    yield from ((one.finding, "waived", one.reason) for one in case.waived)
    yield from ((one.finding, "baseline", f"in the baseline since {one.since}") for one in case.baseline)
    yield from ((one, "unsteady", "not seen again when it was repeated") for one in case.unsteady)


def _worst_first(touches: Iterable[ClientTouch]) -> list[ClientTouch]:
    known = ["", "baseline", "waived", "accepted", "unsteady"]
    return sorted(
        touches,
        key=lambda one: (not one.counts, -one.effect.rank, known.index(one.known_as), one.contract, one.path, one.says),
    )


# -- what nobody can say ----------------------------------------------------------------------------------------------


def _unknown(run: RunResult, manifest: Manifest, quiet: list[str]) -> Iterator[UnknownContract]:
    """Yield the contracts that no answer of a success was judged of; streams that may be silent go to `quiet`."""
    cases: dict[str, list[CaseResult]] = {}
    for case in run.cases:
        if not case.aside:
            cases.setdefault(case.contract, []).append(case)
    idle = {name: one.reason for one in run.idle for name in one.contracts}
    products = {case.product for case in run.cases}
    for name, use in manifest.contracts.items():
        answered = [case for case in cases.get(name, ()) if case.kind not in _REFUSALS]
        if any(case.verdict in EXERCISED for case in answered):
            continue
        if answered and all(case.may_be_silent for case in answered):
            quiet.append(name)
            continue
        product = name.partition("/")[0]
        reason = next((f"{case.verdict or 'skipped'}: {case.reason}" for case in answered if case.reason), "")
        if not reason and answered:
            reason = f"{answered[0].verdict or 'skipped'}, and no reason was given"
        if not reason and cases.get(name):
            reason = "only its refusals were exercised"
        if not reason and product not in products:
            reason = f"nothing of {product} was exercised"
        reason = reason or f"never exercised: {idle.get(name, 'the night has no case of it')}"
        yield UnknownContract(contract=name, reason=one_line(reason, 200), accepted=use.unjudged)


def _notes(run: RunResult, manifest: Manifest) -> Iterator[str]:
    partly = {case.contract for case in run.cases if case.verdict not in EXERCISED and not case.may_be_silent}
    whole = {case.contract for case in run.cases if case.verdict in EXERCISED and case.kind not in _REFUSALS}
    if some := sorted(partly & whole & manifest.contracts.keys()):
        yield f"Of {counted(len(some), 'contract')} not every case was exercised: {first_few(some)}."
    if manifest.unmapped:
        models = counted(len(manifest.unmapped), "model")
        yield f"No contract was found for {models} of the client: {first_few(manifest.unmapped)}."
    yield from (one_line(one) for one in run.doubts)


# -- what is to come --------------------------------------------------------------------------------------------------

#: Kinds of changes, and the finding that they would be on the day when they are in force.
_AS_FINDINGS: Mapping[str, Kind] = {
    "field-removed": Kind.MISSING_FIELD,
    "field-type-changed": Kind.TYPE_CHANGED,
    "field-added": Kind.UNDOCUMENTED_FIELD,
    "enum-value-added": Kind.UNDOCUMENTED_VALUE,
}
#: Kinds that touch every client of the contract, and how.
_OF_ALL_CLIENTS: Mapping[str, tuple[Effect, str]] = {
    "request-retired": (Effect.BREAKING, "the request ends"),
    "stream-retired": (Effect.BREAKING, "the stream ends"),
    "event-retired": (Effect.BREAKING, "the event is sent no more"),
    "host-moved": (Effect.BREAKING, "the address changes"),
    "param-mandatory": (Effect.RISKY, "what a request must carry changes; a manifest does not say what you send"),
    "param-removed": (Effect.RISKY, "what a request may carry changes; a manifest does not say what you send"),
    "behaviour": (Effect.RISKY, "what it does changes"),
    "limit-changed": (Effect.RISKY, "a limit changes"),
    "weight-changed": (Effect.RISKY, "its weight changes"),
}


def _upcoming(
    changes: Iterable[DatedChange], manifest: Manifest, target: str, *, after: date, until: date, today: date
) -> Iterator[ClientTouch]:
    for change in changes:
        if not after.isoformat() < change.in_force <= until.isoformat() or change.environment not in {"", target}:
            continue
        for name in change.contracts:
            use = manifest.contracts.get(name)
            if use is None:
                continue
            if change.kind in _AS_FINDINGS:
                findings = [_as_finding(change, name, path) for path in _places_of(name, change.path)]
                hits = (fields for finding in findings if (fields := touched(finding, use, manifest)))
                fields, says = next(hits, []), difference(findings[0], 1, 1)
            elif change.kind in _OF_ALL_CLIENTS:
                effect, why = _OF_ALL_CLIENTS[change.kind]
                fields, says = [TouchedField(by="", path="", effect=effect, why=why)], why
            else:
                continue
            if fields:
                yield ClientTouch(
                    contract=name,
                    path=change.path,
                    kind=change.kind,
                    effect=fields[0].effect,
                    fields=tuple(fields),
                    says=one_line(f"{change.kind}: {says}" + (f" ({change.note})" if change.note else ""), 300),
                    in_force=change.in_force,
                    days=(date.fromisoformat(change.in_force) - today).days,
                    link=change.links[0] if change.links else "",
                )


def _places_of(contract: str, path: str) -> Iterator[str]:
    """Yield the path of a change, then where else it may stand: changes may leave away what is around a payload."""
    yield path
    if path and not path.startswith(("result.", "result[", "[", "data.")):
        around = ("result.", "result[].") if "/ws-api/" in contract else ("[].", "data.")
        yield from (f"{one}{path}" for one in around)


def _as_finding(change: DatedChange, contract: str, path: str) -> Finding:
    kind = _AS_FINDINGS[change.kind]
    after = "" if change.after is None else str(change.after)
    actual = {Kind.MISSING_FIELD: "nothing", Kind.UNDOCUMENTED_FIELD: "undocumented field"}.get(kind, after)
    return Finding(
        contract=contract,
        path=path,
        kind=kind,
        severity=Severity.BREAKING,
        expected="" if change.before is None else str(change.before),
        actual=actual,
        fingerprint=fingerprint(contract, path, kind, after if kind is Kind.UNDOCUMENTED_VALUE else ""),
        value=after if kind is Kind.UNDOCUMENTED_VALUE else "",
    )


# -- the verdict ------------------------------------------------------------------------------------------------------


def _verdict(report: GateReport) -> tuple[Outcome, str]:
    """Return the verdict and its sentence: what breaks comes first, then what nobody can say."""
    breaking = [one for one in report.touches if one.counts and one.effect is Effect.BREAKING]
    coming = [one for one in report.upcoming if one.effect is Effect.BREAKING]
    unknown = [one for one in report.unknown if not one.accepted]
    reads = f"{report.client} reads {counted(report.fields, 'field')} of {counted(report.contracts, 'contract')}"
    night = f"{report.target}, {report.date[:16]}Z"
    if breaking:
        first = breaking[0]
        more = f", and {counted(len(breaking) - 1, 'more difference')}" if len(breaking) > 1 else ""
        since = f", since {first.since}" if first.since else ""
        said = f"breaking: {_place_of(first)}: {first.says}{since}{more} ({night})."
        return Outcome.BREAKING, said
    if coming:
        first = coming[0]
        more = f", and {counted(len(coming) - 1, 'more change')}" if len(coming) > 1 else ""
        return Outcome.BREAKING, f"breaks {_in_days(first.days)}: {_place_of(first)}: {first.says}{more}."
    if unknown:
        missing = unknown[0]
        rest = f", and {len(unknown) - 1} more" if len(unknown) > 1 else ""
        of = f"{len(unknown)} of {counted(report.contracts, 'contract')} that {report.client} reads"
        return Outcome.UNKNOWN, f"unknown: nothing can be said of {of}: {missing.contract} ({missing.reason}){rest}."
    risky = sum(one.counts and one.effect is Effect.RISKY for one in (*report.touches, *report.upcoming))
    but = f" but {counted(risky, 'difference')} that it goes on with" if risky else ""
    until = f", nor up to {report.as_of}" if report.as_of else ""
    return Outcome.OK, f"ok: {reads}, and nothing differs there{but} ({night}{until})."


def _in_days(days: int) -> str:
    if days <= 0:
        return "now"
    return f"in {counted(days, 'day')}"


def _place_of(touch: ClientTouch) -> str:
    """Return the client's own name of what is touched, with the place on the wire."""
    where = f"{touch.contract} {touch.path}".strip()
    mine = list(dict.fromkeys(short(one.by) for one in touch.fields if one.by and one.effect is touch.effect))
    if not mine:
        return where
    more = f" and {len(mine) - 1} more" if len(mine) > 1 else ""
    return f"{mine[0]}{more} ({where})"


def short(by: str) -> str:
    """Return `Class.field` of `module.Class.field`: what people call it."""
    parts = by.split(".")
    first = next((number for number, part in enumerate(parts) if part[:1].isupper()), max(len(parts) - 2, 0))
    return ".".join(parts[first:])
