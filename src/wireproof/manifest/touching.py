"""What one difference does to one client: the rules of each kind of finding against what it reads, and how strictly.

Kinds that stand at a path touch who reads that path, something below it, or all of what it is in. The others (a dead
stream, an error in place of an answer, a broken rule of the protocol) touch every client of the contract.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from wireproof.drift.finding import FIELD_KINDS, Kind
from wireproof.drift.value_paths import parent_of
from wireproof.manifest.used_paths import bare, lies

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wireproof.drift.finding import Finding
    from wireproof.manifest.client_manifest import ContractUse, Manifest, ReadPath, Strictness, ValueKind
    from wireproof.manifest.used_paths import Lie


class Effect(StrEnum):
    """What a difference does to a client, mildest first."""

    TOLERATED = "tolerated"  # it reads that, and takes it as it is
    RISKY = "risky"  # it goes on with something else: a default, a word that it does not know
    BREAKING = "breaking"  # it fails, or has something wrong in its hands

    @property
    def rank(self) -> int:
        """Return 0 for the mildest; higher is worse."""
        return list(Effect).index(self)


class TouchedField(Struct, frozen=True, kw_only=True):
    """One place that the client reads, and what becomes of it."""

    by: str  # module.Class.field; empty where the contract as a whole is touched
    path: str  # as the manifest has it
    effect: Effect
    why: str  # by which rule, in words


#: Kinds that touch every client of the contract, and what they do to it.
_OF_ALL = {
    Kind.UNPARSEABLE: (Effect.BREAKING, "no answer that could be read"),
    Kind.ERROR_ANSWER: (Effect.BREAKING, "an error comes in place of the answer"),
    Kind.SILENT_STREAM: (Effect.BREAKING, "nothing comes on the stream"),
    Kind.PROTOCOL_VIOLATION: (Effect.BREAKING, "a rule of the protocol is broken"),
    Kind.STATUS_CHANGED: (Effect.BREAKING, "the answer has another status"),
    Kind.ERROR_CODE_CHANGED: (Effect.RISKY, "a refusal has another code"),
    Kind.HEADER_CHANGED: (Effect.RISKY, "a header is another one"),
    Kind.UNDOCUMENTED_EVENT: (Effect.RISKY, "an event comes that nothing documents"),
    Kind.RETIRED_ANSWER: (Effect.RISKY, "the request was retired and may end any day"),
}
#: Kinds that stand at a path.
_AT_PATHS = FIELD_KINDS | {Kind.REPEATED_KEY, Kind.UNDOCUMENTED_ELEMENT}
#: What becomes of something that nobody foresaw here: it is said.
_UNFORESEEN = (Effect.RISKY, "the contract differs as a whole")

_NUMBERS = frozenset({"integer", "number", "decimal"})
#: Which kinds of JSON a client takes where it reads a number, by its rule.
_TAKEN = {
    "float": frozenset({"integer", "number"}),
    "integer": frozenset({"integer"}),
    "decimal-string": frozenset({"decimal"}),
    "any": _NUMBERS,
}
#: What findings call the kinds of values, as manifests have them.
KINDS_OF_WORDS: dict[str, ValueKind] = {
    "decimal string": "decimal",
    "string": "string",
    "empty string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "object": "object",
    "array": "array",
    "millisecond timestamp": "integer",
}


def touched(finding: Finding, use: ContractUse, manifest: Manifest, *, refusal: bool = False) -> list[TouchedField]:
    """Return what a finding at a contract does to a client, worst first; empty where it reads nothing of that.

    `refusal` says that it was found in the answer to a request that was to be refused: how those look, every client
    reads.
    """
    if finding.kind not in _AT_PATHS:
        effect, why = _OF_ALL.get(finding.kind, _UNFORESEEN)
        if refusal and finding.kind is Kind.STATUS_CHANGED:
            effect, why = Effect.RISKY, "a refusal has another status"
        return [TouchedField(by="", path="", effect=effect, why=why)]
    found = list(_at_paths(finding, use.reads, manifest))
    if refusal and not found and re.match(r"(?:error|code|msg)\b", finding.path):
        found = [TouchedField(by="", path="", effect=Effect.RISKY, why="refusals look different")]
    return sorted(set(found), key=lambda one: (-one.effect.rank, one.path, one.by))


def _at_paths(finding: Finding, reads: Sequence[ReadPath], manifest: Manifest) -> Iterable[TouchedField]:
    hits = [(read, lie) for read in reads if (lie := lies(finding.path, read.path)) is not None]
    direct: list[TouchedField] = []
    for read, lie in hits:
        if lie != "above":
            effect, why = _effect(finding, read, lie, manifest.rules_of(read))
            direct.append(TouchedField(by=read.by, path=read.path, effect=effect, why=why))
    yield from direct
    yield from _refused(finding, reads, manifest)
    worst = max((one.effect for one in direct), key=lambda effect: effect.rank, default=None)
    for read, lie in hits:
        if lie == "above" and bare(read.path) != bare(finding.path):
            yield from _with_it(finding, read, worst)


def _with_it(finding: Finding, read: ReadPath, above: Effect | None) -> Iterable[TouchedField]:
    """Yield what becomes of a place below the one that differs; `above` is what becomes of that itself."""
    kind, effect, why = finding.kind, above, f"is part of {finding.path or 'the document'}"
    if kind is Kind.LENGTH_CHANGED:
        effect, why = _of_shorter(finding, read)
    elif kind in {Kind.UNDOCUMENTED_FIELD, Kind.UNDOCUMENTED_ELEMENT}:
        effect = Effect.TOLERATED if above is None else above
    elif kind in {Kind.MISSING_FIELD, Kind.NULL_VALUE} and above is None:
        effect = Effect.BREAKING if read.required else Effect.RISKY
    elif above is None:
        effect = Effect.BREAKING
    if effect is not None:
        yield TouchedField(by=read.by, path=read.path, effect=effect, why=why)


def _of_shorter(finding: Finding, read: ReadPath) -> tuple[Effect | None, str]:
    """Return what becomes of a position of a row that became shorter."""
    left = min((int(number) for number in re.findall(r"\d+", finding.actual)), default=0)
    position = re.match(r"\[(\d+)\]", read.path[len(finding.path) :])
    if position is not None and int(position[1]) < left:
        return None, ""
    return Effect.BREAKING, "the row ends before"


def _refused(finding: Finding, reads: Sequence[ReadPath], manifest: Manifest) -> Iterable[TouchedField]:
    """Yield the objects and rows that refuse what is new in them."""
    if finding.kind not in {Kind.UNDOCUMENTED_FIELD, Kind.UNDOCUMENTED_ELEMENT}:
        return
    around, added = parent_of(finding.path), finding.kind is Kind.UNDOCUMENTED_ELEMENT
    for read in reads:
        if lies(around, bare(read.path)) != "at" or ("array" if added else "object") not in read.kinds:
            continue
        if not (read.unknown_fields if added else read.unknown_fields or read.model):
            continue  # no model stands there that could refuse
        knows = any(one.by.startswith(f"{read.model}.") and lies(finding.path, one.path) == "at" for one in reads)
        if manifest.rules_of(read).unknown_fields == "refused" and (added or not knows):
            why = "refuses what it does not know"
            yield TouchedField(by=read.model or read.by, path=read.path, effect=Effect.BREAKING, why=why)


def _effect(finding: Finding, read: ReadPath, lie: Lie, rules: Strictness) -> tuple[Effect, str]:
    """Return what a difference at (or below) a place that is read does to it."""
    kind = finding.kind
    if lie == "below" or (lie == "at" and read.path.endswith("**") and not read.kinds):
        mild = {Kind.UNDOCUMENTED_FIELD, Kind.UNDOCUMENTED_ELEMENT}
        return (Effect.TOLERATED if kind in mild else Effect.RISKY), "handed on as it comes"
    if kind is Kind.MISSING_FIELD:
        return (Effect.BREAKING, "required") if read.required else (Effect.RISKY, "falls back to its default")
    if kind is Kind.NULL_VALUE:
        return (Effect.TOLERATED, "takes null") if read.nullable else (Effect.BREAKING, "takes no null")
    if kind in {Kind.UNDOCUMENTED_VALUE, Kind.VALUE_CHANGED}:
        return _of_word(finding, read, rules)
    if kind in {Kind.UNDOCUMENTED_FIELD, Kind.UNDOCUMENTED_ELEMENT}:
        return Effect.TOLERATED, "read, and documented nowhere"
    if kind is Kind.LENGTH_CHANGED:
        return Effect.RISKY, "a shorter row"
    if kind is Kind.REPEATED_KEY:
        return Effect.BREAKING, "which value counts depends on the parser"
    return _of_kind(finding, read, rules)


def _of_word(finding: Finding, read: ReadPath, rules: Strictness) -> tuple[Effect, str]:
    if read.enum and finding.value and finding.value in read.enum:
        return Effect.TOLERATED, "knows the word"
    if read.enum and rules.enums == "closed":
        return Effect.BREAKING, f"takes {_some(read.enum)} only"
    if finding.kind is Kind.VALUE_CHANGED and not read.enum:
        return Effect.BREAKING, "what was constant is another value"
    return Effect.RISKY, "hands on a word that it does not know"


def _some(words: Sequence[str]) -> str:
    return ", ".join(words[:4]) + (", …" if len(words) > 4 else "")


def _of_kind(finding: Finding, read: ReadPath, rules: Strictness) -> tuple[Effect, str]:
    """Return what another kind or notation of a value does: whether the place takes what came."""
    if not read.kinds:
        return Effect.RISKY, "handed on as it comes"
    came = {KINDS_OF_WORDS.get(word, "") for word in finding.actual.split(" or ")}
    if finding.kind is not Kind.TYPE_CHANGED:
        came = {"decimal"} if finding.kind is Kind.UNDOCUMENTED_FORMAT else came
        if "" in came:  # another number of digits
            return Effect.BREAKING, "reads the same kind, which means something else"
        if came <= taken(read, rules):
            return Effect.RISKY, "takes it, in another notation"
        return Effect.BREAKING, f"takes {_words(read, rules)}"
    if came <= taken(read, rules):
        return Effect.TOLERATED, f"takes {_words(read, rules)}"
    return Effect.BREAKING, f"takes {_words(read, rules)}"


def taken(read: ReadPath, rules: Strictness) -> frozenset[str]:
    """Return the kinds of JSON that a place takes, null aside, by the rule for numbers where it reads one."""
    kinds: frozenset[str] = frozenset(read.kinds)
    if kinds & _NUMBERS and rules.numbers in _TAKEN:
        kinds = (kinds - _NUMBERS) | _TAKEN[rules.numbers]
    if "number" in kinds:
        kinds |= {"integer"}
    if "string" in kinds:
        kinds |= {"decimal"}
    return kinds


def _words(read: ReadPath, rules: Strictness) -> str:
    words = {"decimal": "a decimal string", "integer": "an integer", "object": "an object", "array": "an array"}
    kinds = taken(read, rules)
    implied = {narrow for narrow, wide in (("decimal", "string"), ("integer", "number")) if wide in kinds}
    shown = sorted(kinds - implied)
    return " or ".join(words.get(kind, f"a {kind}") for kind in shown)
