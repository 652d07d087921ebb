"""Waivers: findings that are tolerated, each with a reason, a link and an expiry.

They live beside the contracts of a product, in `contracts/<product>/waivers.json`: `{"waivers": [...]}`. A waiver
names a deviation by contract, path and kind, for which its fingerprint stands, and covers it in every case of the
contract (`drift.tolerance`). It hides what it names and nothing else:

- Where the value is the deviation (an undocumented word, another status or code), a waiver lists the `values` that it
  tolerates. The finding of another value at the same path stays open.
- Elsewhere it may list in `actual` what came ("empty string", "integer", the sentence about a broken rule). Then a
  finding of which anything else came stays open. `wireproof waive` writes that list.
"""

from __future__ import annotations

import os
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from wireproof.contract.lines import line_of
from wireproof.contract.store import decode
from wireproof.drift.finding import VALUE_KINDS, Finding, Kind, fingerprint
from wireproof.drift.tolerance import (
    LONGEST_DAYS,
    JudgedAnswer,
    Tolerance,
    by_contract,
    is_expired,
    parted,
    what_came,
)
from wireproof.errors import ContractFileError, UsageError, did_you_mean
from wireproof.run_options import TARGETS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from wireproof.contract.store import Store


#: The name of their file, in the folder of a product.
WAIVERS = "waivers.json"


class Waiver(Tolerance, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """A tolerated deviation, with the reason. Dates are ISO 8601; the last day on which it holds is `expires`."""

    reason: str
    link: str
    created: str
    expires: str
    targets: tuple[str, ...] = ()  # empty: every target


class _WaiversFile(Struct, forbid_unknown_fields=True):
    waivers: list[Waiver]


class Waivers:
    """The waivers of a product."""

    def __init__(self, waivers: Iterable[Waiver] = ()) -> None:
        self.waivers = tuple(waivers)

    def apply(
        self, findings: Iterable[Finding], *, target: str, today: date
    ) -> tuple[list[Finding], list[tuple[Finding, Waiver]]]:
        """Part findings into open ones and waived ones. An expired waiver, or one of another target, waives nothing."""
        return parted(findings, [w for w in self._of(target) if not is_expired(w.expires, today)])

    def expired(self, *, today: date, target: str | None = None) -> list[str]:
        """Return one sentence for each waiver (of a target, or of any) that has expired."""
        return [
            f"Waiver {waiver.name} expired on {waiver.expires} and no longer holds: {waiver.reason} ({waiver.link}). "
            "Remove it, or waive the finding again with a new reason."
            for waiver in self._of(target)
            if is_expired(waiver.expires, today)
        ]

    def stale(
        self, judged: Iterable[JudgedAnswer], *, target: str, today: date, complete: Collection[str] = ()
    ) -> list[str]:
        """Return one sentence for each waiver, or value of one, whose path was exercised without the deviation.

        Exercised means: the contract was judged, and an answer holds a value at the path (or, where the deviation is a
        missing or an additional field, its parent). A status or an error code belongs to one case that the waiver does
        not name: such a waiver is stale only when its contract is in `complete`, the ids of the contracts of which
        every case was judged. A waiver that was not exercised is kept.
        """
        answers = by_contract(judged)
        return [
            f"Waiver {waiver.name} is stale: the path was exercised and {_what_to_remove(waiver, gone)}."
            for waiver in self._of(target)
            if not is_expired(waiver.expires, today)
            and (gone := waiver.gone(answers.get(waiver.contract, []), complete)) is not None
        ]

    def why_absent(self, contract: str, path: str, target: str) -> str:
        """Return why a documented field does not come, where a waiver of it or of the whole answer says so."""
        of_contract = (one for one in self._of(target) if one.contract == contract)
        return next(
            (
                one.reason
                for one in of_contract
                if not one.path or (one.path == path and one.kind is Kind.MISSING_FIELD)
            ),
            "",
        )

    def _of(self, target: str | None) -> list[Waiver]:
        return [w for w in self.waivers if target is None or not w.targets or target in w.targets]


def load_waivers(file: Path) -> Waivers:
    """Read a product's waivers; none when there is no such file.

    Raises ContractFileError for anything but the closed format: an unknown key, a fingerprint that does not belong to
    contract, path and kind, values missing where the value is the deviation, an empty reason, a link that is no https
    URL, an expiry more than 90 days after creation.
    """
    if not file.exists():
        return Waivers()
    waivers = decode(file, _WaiversFile).waivers
    seen: set[tuple[str, str]] = set()
    for number, waiver in enumerate(waivers):
        if problem := _problem(waiver):
            line = line_of(file.read_text("utf-8"), "waivers", number)
            raise ContractFileError(file, f"line {line}, waiver {waiver.name}: {problem}")
        for target in waiver.targets or TARGETS:
            if (waiver.fingerprint, target) in seen:
                raise ContractFileError(file, f"waiver {waiver.name} stands twice for target {target}.")
            seen.add((waiver.fingerprint, target))
    return Waivers(waivers)


def waivers_of(store: Store, product: str) -> Waivers:
    """Return the waivers of a product in a store: those of its overlay, and what they leave of the others.

    A waiver of the overlay takes the place of another of the same deviation, on the targets that it holds on.
    """
    own, shipped = (_beside(folder, product) for folder in (store.overlay, store.folder))
    left = [
        replace(waiver, targets=targets)
        for waiver in shipped.waivers
        if (targets := _targets_left(waiver, [one for one in own.waivers if one.fingerprint == waiver.fingerprint]))
        is not None
    ]
    return Waivers([*own.waivers, *left])


def _beside(folder: Path | None, product: str) -> Waivers:
    return Waivers() if folder is None else load_waivers(folder / product / WAIVERS)


def _targets_left(waiver: Waiver, others: list[Waiver]) -> tuple[str, ...] | None:
    """Return the targets on which none of the others holds, empty for all of them; None where none is left."""
    if not others:
        return waiver.targets
    taken = {target for one in others for target in one.targets or TARGETS}
    return tuple(target for target in waiver.targets or TARGETS if target not in taken) or None


def add_waiver(
    file: Path,
    finding: Finding,
    *,
    shipped: Waivers | None = None,
    reason: str,
    link: str,
    days: int = 30,
    today: date,
    targets: tuple[str, ...] = (),
) -> Waiver:
    """Waive a finding for some days and write the file anew, sorted.

    A waiver of another value at the same path, or of something else that came there, is taken in: its values and what
    may come are kept, reason and dates are the new ones; that holds for those of `shipped` as well, which the new one
    replaces. Raises UsageError when reason, link, days or targets are not
    what a waiver needs, or for a finding that counts more values than it names.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise UsageError(f"A waiver holds for 1 to {LONGEST_DAYS} days, not {days}.")
    by_value = finding.kind in VALUE_KINDS
    if by_value and not finding.value:
        raise UsageError(
            f"Finding {finding.fingerprint} counts many values at {finding.path or 'the document'} without naming them;"
            " a waiver names what it tolerates. Correct the enumeration of the contract instead."
        )
    before = load_waivers(file).waivers
    place = fingerprint(finding.contract, finding.path, finding.kind)
    replaced = [w for w in before if w.fingerprint == place and set(w.targets) == set(targets)]
    came = {finding.value} if by_value else what_came(finding)
    beside = shipped.waivers if shipped is not None else ()
    taken_in = [*replaced, *(w for w in beside if w.fingerprint == place and set(w.targets) == set(targets))]
    together = came.union(*(w.values if by_value else w.actual for w in taken_in))
    unlimited = not by_value and any(not w.actual for w in taken_in)
    waiver = Waiver(
        fingerprint=place,
        contract=finding.contract,
        path=finding.path,
        kind=finding.kind,
        values=tuple(sorted(together)) if by_value else (),
        actual=tuple(sorted(together)) if not by_value and not unlimited else (),
        reason=reason,
        link=link,
        created=today.isoformat(),
        expires=(today + timedelta(days=days)).isoformat(),
        targets=targets,
    )
    if problem := _problem(waiver):
        raise UsageError(f"The waiver cannot be written: {problem}")
    kept = [w for w in before if w not in replaced]
    if clash := next((w for w in kept if w.fingerprint == place and _overlap(w, waiver)), None):
        raise UsageError(
            f"{file}: waiver {clash.name} holds for target {', '.join(clash.targets) or 'any'} already."
            " Remove it, or waive for the same targets."
        )
    ordered = sorted([*kept, waiver], key=lambda w: (w.contract, w.path, w.kind, w.targets))
    write_json(file, msgspec.json.encode(_WaiversFile(ordered)))
    return waiver


def write_json(file: Path, data: bytes) -> None:
    """Write JSON, indented, in one step: a reader sees the old file or the new one, never half of it."""
    text = msgspec.json.format(data, indent=2) + b"\n"
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as written:
            written.write(text)
        Path(name).chmod(file.stat().st_mode if file.exists() else 0o644)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _overlap(one: Waiver, other: Waiver) -> bool:
    return not one.targets or not other.targets or bool(set(one.targets) & set(other.targets))


def _what_to_remove(waiver: Waiver, gone: tuple[str, ...]) -> str:
    if len(gone) < len(waiver.values):
        return f"{', '.join(gone)} did not come. Remove it from the values"
    return "the deviation is gone. Remove the waiver"


def _problem(waiver: Waiver) -> str:
    """Return what is wrong with a waiver, as a sentence; empty when nothing is."""
    if problem := waiver.binding_problem:
        return f"{problem} Write it with 'wireproof waive'."
    if not waiver.reason.strip():
        return "it has no reason. Say why the deviation is tolerated."
    link = urlsplit(waiver.link)
    if link.scheme != "https" or not link.netloc:
        return f"link {waiver.link!r} is not an https URL. Name the source that describes the deviation."
    if unknown := [target for target in waiver.targets if target not in TARGETS]:
        return f"there is no target {unknown[0]!r}. {did_you_mean(unknown[0], TARGETS)}"
    try:
        created, expires = date.fromisoformat(waiver.created), date.fromisoformat(waiver.expires)
    except ValueError:
        return "'created' and 'expires' must be dates such as 2026-10-31."
    if not created <= expires <= created + timedelta(days=LONGEST_DAYS):
        return f"it expires on {waiver.expires}; allowed is at most {LONGEST_DAYS} days after {waiver.created}."
    return ""
