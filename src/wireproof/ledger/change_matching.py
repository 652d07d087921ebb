"""Which dated change of the documentation a finding is: announced and in force, early, not come, or unannounced.

A finding says that a target differs from its contract, so it can be a change in one of two directions:

- *forward*: the target shows what holds since the change; the contract still says what held before, or keeps it.
- *backward*: the target shows what held before; the contract already says what holds since.

| change | forward | backward |
| :-- | :-- | :-- |
| `field-added` | undocumented field there, or above it | missing there, or above it (*) |
| `field-removed` | missing there, below it, or above it (*) | undocumented field there, or above it |
| `field-type-changed` | the kind that came is one of `after` only | it is one of `before` only |
| `enum-value-added` | the undocumented word | a refused parameter |
| `enum-value-removed` | a refused parameter | the undocumented word |
| `param-added`, `param-mandatory` | an error that misses the parameter | an error that does not know it, or none |
| `param-removed` | an error that does not know it | an error that misses it |
| `…-retired` | an error that says so, a dead stream | carried out all the same, or sent |
| `…-added` | an undocumented event of that name | an error that says so, a dead stream |
| `host-moved` | a dead stream, a request that is not found | the same |
| `limit-changed` | an error with a code of `after`, or about the parameter | an error with a code of `before` |
| `weight-changed` | a finding about weight or order counts | - |
| `behaviour` | a code of `after`; a kind or a value at the path; silence where it says so | a code of `before` |

(*) Above a field only where the changes of that day take everything that the contract documents below that place.

Nothing else matches: neither another path, another word, another code, nor a day before the announcement. Of several
changes that match the last one holds, since it says what the state of the thing is to be.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from wireproof.contract.paths import is_below
from wireproof.drift.finding import Kind, without_lead
from wireproof.results.model import UNANNOUNCED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from wireproof.contract.dated_changes import Changes, DatedChange
    from wireproof.drift.finding import Finding

    Documented = Callable[[str], Collection[str]]  # the paths that the examples of a contract show

#: Days after a change came into force from which a target that shows what held before is no longer explained by it:
#: by then it has been there, and went back.
OVERDUE_DAYS = 180

#: Codes with which a request that is retired, or not there yet, is refused; and the statuses of HTTP that say so.
#: -4120: https://developers.binance.com/docs/derivatives/change-log#2025-11-06; -5000: no such path.
GONE = frozenset({"-4120", "-5000", "-1020", "404", "405", "410"})
#: Codes that refuse a parameter: https://developers.binance.com/docs/derivatives/usds-margined-futures/error-code
MISSES = frozenset({"-1102", "-1105"})  # it is mandatory, it is empty
SURPLUS = frozenset({"-1101", "-1104", "-1106"})  # too many, not all read, sent when not required
NAMELESS = ("-1101", "-1104")
REFUSES = frozenset({"-1100", "-1115", "-1116", "-1117", "-1121", "-1125", "-1128", "-1130", "-4030", "-4084"})

_CODE = re.compile(r"(?<![\w.])-\d{3,5}\b|\b\d{6}\b")
_KINDS = ("integer", "number", "string", "boolean", "object", "array", "null")
_UNTIL = re.compile(r"\buntil (\d{4}-\d\d-\d\d)\b")
_ERRORS = {Kind.ERROR_ANSWER, Kind.STATUS_CHANGED, Kind.ERROR_CODE_CHANGED}
_VALUES = {Kind.UNDOCUMENTED_VALUE, Kind.VALUE_CHANGED, Kind.FORMAT_CHANGED, Kind.UNDOCUMENTED_FORMAT}
_TYPES = {Kind.TYPE_CHANGED, Kind.NULL_VALUE}


class ChangeState(StrEnum):
    """How a finding stands to what was announced, with the short word for people."""

    IN_FORCE = "announced"  # announced and in force: the contract is behind, or keeps what was said before
    EARLY = "early"  # announced, not in force yet, and there already
    PENDING = "not in force yet"  # the contract says what is to come, and the target shows what holds until then
    OVERDUE = (
        "overdue"  # announced and did not happen: in force by its date, and the target still shows what held before
    )
    KNOWN = "seen by others"  # announced nowhere; others have seen it
    UNANNOUNCED = UNANNOUNCED


class ChangeMatch(Struct, frozen=True, kw_only=True):
    """A dated change that a finding is; `is_forward` says that the target shows what holds since the change."""

    change: DatedChange
    state: ChangeState
    is_forward: bool


def match_change(
    finding: Finding,
    changes: Iterable[DatedChange],
    *,
    day: str,
    target: str,
    documented: Documented | None = None,
) -> ChangeMatch | None:
    """Return the change that a finding of `day` (ISO 8601) on `target` is; None where none announced it by then.

    `documented` returns the paths that a contract's examples show; without it no finding above a field matches it.
    """
    product = finding.contract.partition("/")[0]
    mine = [
        change
        for change in changes
        if _is_about(finding, change, product) and change.environment in {"", target} and not _is_over(change, day)
    ]
    found = []
    for change in mine:
        forward = _direction(finding, change, mine, documented)
        state = None if forward is None else _state(change, day, forward=forward)
        if forward is not None and state is not None:
            exact = _bare(finding.contract, change.path) == _bare(finding.contract, finding.path)
            found.append((change.date, exact, bool(change.documented), state, forward, change))
    if not found:
        return None
    *_, state, forward, change = max(found, key=lambda one: one[:3])
    if state is ChangeState.OVERDUE and finding.kind is not Kind.RETIRED_ANSWER and _is_long_ago(change, day):
        return None  # nor is it an earlier change, which that one undid
    return ChangeMatch(change=change, state=state, is_forward=forward)


class ChangeIndex:
    """The changes of all products by the contract that they name, for many findings."""

    def __init__(self, changes: Mapping[str, Changes], documented: Documented | None = None) -> None:
        self._documented = documented
        self._by_contract: dict[str, list[DatedChange]] = {}
        self._by_word: dict[tuple[str, str], list[DatedChange]] = {}
        for product, every in changes.items():
            for change in every.changes:
                for contract in change.contracts:
                    self._by_contract.setdefault(contract, []).append(change)
                for word in _event_names(change):
                    self._by_word.setdefault((product, word), []).append(change)

    def match(self, finding: Finding, *, day: str, target: str) -> ChangeMatch | None:
        """Return what `match_change` finds among them."""
        near = self._by_contract.get(finding.contract, [])
        if finding.kind is Kind.UNDOCUMENTED_EVENT:
            near = [*near, *self._by_word.get((finding.contract.partition("/")[0], finding.value), [])]
        return match_change(finding, near, day=day, target=target, documented=self._documented)


def state_on(change: DatedChange, day: str) -> ChangeState | None:
    """Return how a change stands on a day whatever targets show: in force, early for what is to come; None before."""
    return _state(change, day, forward=True)


def _is_about(finding: Finding, change: DatedChange, product: str) -> bool:
    if finding.contract in change.contracts:
        return True
    if finding.kind is not Kind.UNDOCUMENTED_EVENT or not finding.value:
        return False
    mine = any(contract.startswith(f"{product}/") for contract in change.contracts)
    return mine and finding.value in _event_names(change)


def _event_names(change: DatedChange) -> list[str]:
    """Return the types of the events that a change is about."""
    if change.kind in {"event-added", "event-retired"}:
        return [contract.rpartition("/")[2] for contract in change.contracts]
    if change.kind in {"enum-value-added", "enum-value-removed"} and change.path in {"e", "data.e"}:
        return [str(value) for value in (change.after, change.before) if value is not None]
    return []


def _is_over(change: DatedChange, day: str) -> bool:
    """Whether a change said itself until when it holds, and that is past: `down until 2026-06-23 10:00 UTC`."""
    said = _UNTIL.search(_text(change.after))
    return said is not None and day > said[1]


def _state(change: DatedChange, day: str, *, forward: bool) -> ChangeState | None:
    """Return how a change stands on a day; None where nobody knew of it then."""
    if not change.documented or day < change.documented:
        seen = change.seen or ("" if change.documented else change.date)
        return ChangeState.KNOWN if forward and seen and seen <= day else None
    if day < (change.in_force or change.documented):
        return ChangeState.EARLY if forward else ChangeState.PENDING
    return ChangeState.IN_FORCE if forward else ChangeState.OVERDUE


def _is_long_ago(change: DatedChange, day: str) -> bool:
    last = date.fromisoformat(change.in_force or change.documented) + timedelta(days=OVERDUE_DAYS)
    return day > last.isoformat()


def _direction(  # one line for each kind of change
    finding: Finding, change: DatedChange, others: Iterable[DatedChange], documented: Documented | None
) -> bool | None:
    """Whether a finding is a change forward (True) or backward (False); None where it is something else."""
    kind, at = finding.kind, _relation(finding, change.path)
    match change.kind:
        case "field-added":
            if kind is Kind.UNDOCUMENTED_FIELD:
                return True if at in {"at", "above"} else None
            if kind is Kind.MISSING_FIELD and (
                at == "at" or (at == "above" and _takes_all(finding, others, documented))
            ):
                return False
        case "field-removed":
            if kind is Kind.MISSING_FIELD and (
                at in {"at", "below"} or (at == "above" and _takes_all(finding, others, documented))
            ):
                return True
            if kind is Kind.UNDOCUMENTED_FIELD and at in {"at", "above"}:
                return False
        case "field-type-changed":
            return _direction_of_kinds(finding, change) if at == "at" else None
        case "enum-value-added" | "enum-value-removed":
            added = change.kind == "enum-value-added"
            word = _text(change.after if added else change.before)
            if kind is Kind.UNDOCUMENTED_EVENT:
                return added if finding.value == word else None
            if kind is Kind.UNDOCUMENTED_VALUE:
                return added if at == "at" and finding.value == word else None
            if _refuses(finding, change.path, REFUSES):
                return not added
        case "param-added" | "param-removed" | "param-mandatory":
            return _direction_of_parameter(finding, change)
        case "request-retired" | "stream-retired" | "event-retired":
            if kind is Kind.UNDOCUMENTED_EVENT:
                return False if finding.value in _event_names(change) else None
            if kind is Kind.RETIRED_ANSWER:
                return False
            return True if _says_gone(finding) else None
        case "request-added" | "stream-added" | "event-added":
            if kind is Kind.UNDOCUMENTED_EVENT:
                return True if finding.value in _event_names(change) else None
            return False if _says_gone(finding) else None
        case "host-moved":
            return True if _says_gone(finding) else None
        case "weight-changed":
            counts = "order-count" if change.path == "order count" else "weight"
            return True if counts in f"{kind} {finding.path}" and kind not in {Kind.MISSING_FIELD, *_ERRORS} else None
        case "limit-changed":
            direction = _direction_of_codes(finding, change)
            return direction if direction is not None else (_refuses(finding, change.path, REFUSES) or None)
        case "behaviour":
            return _direction_of_behaviour(finding, change)
    return None


def _direction_of_behaviour(finding: Finding, change: DatedChange) -> bool | None:
    if finding.kind in _ERRORS:
        return _direction_of_codes(finding, change)
    if finding.kind is Kind.SILENT_STREAM:
        stays = "silent" in _text(change.after)
        return True if stays or change.path in {"path", "host", "stream name", "symbol in stream names"} else None
    paths = change.path.split(", ")
    if all(_relation(finding, path) != "at" for path in paths):
        return None
    if finding.kind in _TYPES:
        return _direction_of_kinds(finding, change)
    if finding.kind is Kind.UNDOCUMENTED_FIELD:
        return True if any("." in path for path in paths) else None
    if finding.kind in _VALUES and change.path:
        return finding.value != _text(change.before) or not finding.value
    return None


def _direction_of_codes(finding: Finding, change: DatedChange) -> bool | None:
    """Return the direction by the code of an error, of those that a change names."""
    if finding.kind not in _ERRORS:
        return None
    came = _codes_of(finding)
    if came & {*_CODE.findall(_text(change.after)), *_CODE.findall(change.path)}:
        return True
    if came & set(_CODE.findall(_text(change.before))):
        return False
    named = set(_CODE.findall(_text(change.before)))
    if named and finding.value == "no error" and named & set(_CODE.findall(finding.expected)):
        return True  # what was refused with a code of before is accepted
    named = set(_CODE.findall(_text(change.after)))
    if named and finding.value == "no error" and named & set(_CODE.findall(finding.expected)):
        return False
    return None


def _direction_of_parameter(finding: Finding, change: DatedChange) -> bool | None:
    names = change.path.split(", ")
    misses = any(_refuses(finding, name, MISSES) for name in names)
    surplus = any(_refuses(finding, name, SURPLUS) for name in names)
    accepted = (
        finding.kind is Kind.ERROR_CODE_CHANGED
        and finding.value == "no error"
        and any(_names(finding.expected, name) for name in names)
    )
    if change.kind == "param-removed":
        if surplus or accepted:
            return True
        return False if misses else None
    if change.kind == "param-mandatory" and _text(change.after) == "optional":
        if accepted:
            return True
        return False if misses else None
    if misses:
        return True
    if change.kind == "param-mandatory":
        return False if accepted else None
    return False if surplus else None


def _direction_of_kinds(finding: Finding, change: DatedChange) -> bool | None:
    """Return the direction by the kind of value that came: one that is only in `after`, or only in `before`."""
    came, before, after = _sorts(finding.actual), _sorts(_text(change.before)), _sorts(_text(change.after))
    if not before or not after:
        return None
    if finding.kind is Kind.UNDOCUMENTED_FIELD:
        return True if came <= after and not came <= before else None
    if finding.kind not in _TYPES:
        return None
    if came & (after - before):
        return True
    return False if came & (before - after) else None


def kinds_named(words: str) -> set[str]:
    """Return the kinds of values that words name; a decimal string is a string."""
    return {word for word in _KINDS if re.search(rf"\b{word}s?\b", words)}


def _sorts(words: str) -> set[str]:
    """Return the kinds of values that the words of a finding or a change name; `number` is any number."""
    named = kinds_named(without_lead(words))
    return named | {"integer"} if "number" in named else named


def _takes_all(finding: Finding, changes: Iterable[DatedChange], documented: Documented | None) -> bool:
    """Whether changes of one kind and day take all that a contract documents below the place of a finding."""
    if documented is None:
        return False
    bare = _bare(finding.contract, finding.path)
    below = {
        path
        for path in (_bare(finding.contract, one) for one in documented(finding.contract))
        if is_below(path, bare) and path.rstrip("[]") != bare.rstrip("[]")
    }
    taken: dict[tuple[str, str], list[str]] = {}
    for change in changes:
        if change.kind in {"field-added", "field-removed"}:
            taken.setdefault((change.kind, change.date), []).append(_bare(finding.contract, change.path))
    return bool(below) and any(
        all(any(path == place or is_below(path, place) for place in places) for path in below)
        for places in taken.values()
    )


def _relation(finding: Finding, path: str) -> str:
    """Return where a finding is, as seen from the path of a change: `at` it, `above`, `below`, or empty: elsewhere."""
    mine, its = _bare(finding.contract, finding.path), _bare(finding.contract, path)
    if mine == its:
        return "at"
    if not its or not mine:
        return ""
    if is_below(its, mine):
        return "above"
    return "below" if is_below(mine, its) else ""


def _bare(contract: str, path: str) -> str:
    """Return a path without what stands around the payload: `result` of the WebSocket API, and a list of answers."""
    if "/ws-api/" in contract and re.match(r"result(?=[.\[]|$)", path):
        path = path.removeprefix("result")
    if re.match(r"data(?=\.)", path) and "/stream/" in contract:
        path = path.removeprefix("data")
    return path.removeprefix("[].").removeprefix(".")


def _codes_of(finding: Finding) -> set[str]:
    """Return the code and the status that the value of a finding holds: `-4120`, `404`, `400 -1102`."""
    return set(finding.value.split())


def _says_gone(finding: Finding) -> bool:
    """Whether a finding says that there is no such request or stream any more, or not yet."""
    if finding.kind is Kind.SILENT_STREAM:
        return True
    whole = finding.path in {"", "status", "code", "error.code"}
    return finding.kind in _ERRORS and whole and bool(_codes_of(finding) & GONE)


def _refuses(finding: Finding, name: str, codes: Collection[str]) -> bool:
    """Whether a finding is an error with one of `codes` that names a parameter, where such errors name one."""
    if finding.kind not in _ERRORS or not _codes_of(finding) & set(codes):
        return False
    return _names(finding.actual, name) or finding.value.endswith(NAMELESS)


def _names(words: str, parameter: str) -> bool:
    """Whether an error names a parameter, as in `Invalid timeInForce.` and `Parameter 'modifyId' was empty.`."""
    leaf = re.split(r"[.\[\]]+", parameter)[-1]
    return bool(leaf) and re.search(rf"(?<!\w){re.escape(leaf)}(?!\w)", words) is not None


def _text(value: object) -> str:
    return "" if value is None else str(value)
