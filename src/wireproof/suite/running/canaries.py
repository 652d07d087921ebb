"""Canaries: real answers of a run, altered, and judged as the run's own were. One that nobody notices makes it red.

For each product and surface, conforming answers are altered in a few kinds of ways at places that change from run to
run, where the documented shape forbids the alteration: that is asked of `drift.proving.oracle`, which shares no code
with the comparison. Places that a waiver or the baseline names are left out, by their own words and not by what these
turn out to cover. What is altered is judged with the run's judge, waivers, baseline and redaction, and then forgotten:
nothing but the counts remains of it.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from wireproof.contract.model import Expectation, Surface
from wireproof.drift.documented_shape import answer_shape, rejection_shape
from wireproof.drift.explain import SEVERITIES
from wireproof.drift.finding import Kind, Verdict
from wireproof.drift.proving.mutations import mutations
from wireproof.drift.proving.oracle import expected
from wireproof.recognition import shortened
from wireproof.results.conclusion import EXERCISED, is_failure
from wireproof.results.model import Canaries
from wireproof.suite.judging.clean import clean_result
from wireproof.suite.judging.message_batches import bodies_of
from wireproof.suite.judging.statements import no_statement
from wireproof.suite.planning.cases import blank_result
from wireproof.wire.websocket.frames import read_frame

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireproof.contract.model import Product
    from wireproof.contract.shape import Node
    from wireproof.results.model import CaseResult, Observation
    from wireproof.suite.judging.judge import Judge
    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.wire.secrets.redact import Redactor

#: By what is altered: how its mutations begin, and what has to be said of one.
ALTERED: dict[str, tuple[tuple[str, ...], Kind]] = {
    "a missing field": (("dropped ",), Kind.MISSING_FIELD),
    "another type": (("text at ", "a boolean at ", "an empty object at ", "wrapped in a list at "), Kind.TYPE_CHANGED),
    "null": (("null at ",), Kind.NULL_VALUE),
    "an unknown word": (("another enum value at ",), Kind.UNDOCUMENTED_VALUE),
    "an undocumented field": (("an added field in ",), Kind.UNDOCUMENTED_FIELD),
}
#: And of a documented refusal, a field beside its code and message: these two decide whether it is judged at all.
REFUSAL = "a refusal"

#: So many answers are looked at for one that can be altered in a way, and so many places of each.
ANSWERS_TRIED, PLACES_TRIED = 8, 6

#: Answers no longer than this are altered first, in characters.
SHORT = 3_000

#: What tells an error from a success is judged by rules of its own.
_OF_ERRORS = frozenset({"code", "msg", "status", "error"})


class Altered(Struct, frozen=True, kw_only=True):
    """An altered answer: what was altered of which case, and the one difference that must be found."""

    what: str
    case: PlannedCase
    observation: Observation
    body: bytes
    path: str
    kind: Kind

    @property
    def words(self) -> str:
        """Return what was altered where, in words."""
        return f"{self.what} at {self.path or 'the top level'} of {self.case.contract.id}"


class CanaryRelease:
    """Alters answers of a run, and sees whether they are noticed.

    Args:
        judge: The judge of the run.
        redactor: That of the run.
        seed: What decides which answers are altered where: the id of the run.
    """

    def __init__(self, judge: Judge, redactor: Redactor, seed: str) -> None:
        self.judge, self.redactor, self.seed = judge, redactor, seed
        known = [one for waivers in judge.waivers.values() for one in waivers.waivers]
        self._tolerated = {(one.contract, one.path, one.kind) for one in (*known, *judge.baseline.differences)}

    def release(self, cases: Iterable[PlannedCase], results: dict[str, CaseResult]) -> list[Canaries]:
        """Return how many altered answers of each product and surface that was exercised were found."""
        rows: dict[tuple[str, str], list[tuple[PlannedCase, Observation]]] = {}
        for case in cases:
            result = results[case.id]
            if result.verdict not in EXERCISED:
                continue
            sound = rows.setdefault((result.product, result.surface), [])
            if result.observation is not None and _is_sound(result, case):
                sound.append((case, result.observation))
        with self.judge.undisturbed():
            return [self._row(*row, sound) for row, sound in rows.items()]

    def _row(self, product: str, surface: str, sound: list[tuple[PlannedCase, Observation]]) -> Canaries:
        row, missed = Canaries(product=product, surface=surface), []
        for what in (*ALTERED, REFUSAL):
            altered = self._altered(what, product, surface, sound)
            if altered is None:
                continue
            row.altered += 1
            why = self._why_missed(altered)
            row.found += why is None
            if why is not None:
                missed.append(f"{altered.words}{why}")
        row.missed = tuple(missed)
        return row

    def _altered(
        self, what: str, product: str, surface: str, sound: list[tuple[PlannedCase, Observation]]
    ) -> Altered | None:
        """Return an answer altered in some way; None where none can be, such as where no field has listed words."""
        draw = random.Random(f"{self.seed}/{product}/{surface}/{what}")  # noqa: S311  # a choice, no secret
        suitable = [one for one in sound if bool(one[1].expect_codes) is (what == REFUSAL)]
        draw.shuffle(suitable)
        suitable.sort(key=lambda one: len(one[1].response or "") > SHORT)
        tried: set[str] = set()
        for case, observation in suitable:
            if case.contract.id in tried:
                continue
            tried.add(case.contract.id)
            if (found := self._alter(what, case, observation, draw)) is not None:
                return found
            if len(tried) == ANSWERS_TRIED:
                break
        return None

    def _alter(self, what: str, case: PlannedCase, observation: Observation, draw: random.Random) -> Altered | None:
        bodies = [body.decode() for body in bodies_of(observation)] or [observation.response or ""]
        node = documented(case, observation, self.judge.store.products[case.contract.product])
        try:
            root = [msgspec.json.decode(draw.choice(bodies))]
        except (msgspec.DecodeError, RecursionError):
            return None
        if expected(node, root[0]):
            return None  # what is kept of the answer is not as it came: cut, or with hidden values
        leads, wanted = ALTERED.get(what, (("an added field in ", "an added object in "), None))
        places = [one for one in mutations(node, root) if one.what.startswith(leads) and not one.cause]
        draw.shuffle(places)
        for place in places[:PLACES_TRIED]:
            undo = place.apply()
            named = expected(node, root[0])
            body = place.body(root[0])
            undo()
            if len(named) != 1:
                continue
            path, kind = next(iter(named))
            if (wanted is None or kind is wanted) and self._may_be(case, path, kind):
                return Altered(what=what, case=case, observation=observation, body=body, path=path, kind=kind)
        return None

    def _may_be(self, case: PlannedCase, path: str, kind: Kind) -> bool:
        """Whether the comparison alone decides of an alteration there, and no waiver and no known difference do."""
        surface, name = case.contract.surface, path.rpartition(".")[2]
        if surface is Surface.WS_API and not path.startswith(("result", "error")):
            return False
        if not path or name in _OF_ERRORS:
            return False
        if surface is Surface.EVENT and path == "e":
            return False  # it would be no such event any more
        return (case.contract.id, path, kind) not in self._tolerated

    def _why_missed(self, altered: Altered) -> str | None:
        """Return why an altered answer was not noticed, as the end of a sentence; None when it was."""
        case, severity = altered.case, SEVERITIES[altered.kind]
        result = blank_result(case)
        try:
            if (said := self._judge(altered, result)) is not None:
                return f", which is judged as {said}"
        except Exception as error:  # noqa: BLE001  # a judge that breaks has noticed nothing
            return f", which ends with {type(error).__name__}: {shortened(str(error), 200)}"
        clean_result(result, self.redactor)
        return None if is_failure(result, severity) else _tolerated_words(result)

    def _judge(self, altered: Altered, result: CaseResult) -> Verdict | None:
        """Judge an altered answer into a result; return the verdict of one that is said to be no statement."""
        case, body = altered.case, altered.body
        if not altered.observation.messages:
            said = no_statement(case, altered.observation.status, body, local=self.judge.target == "local")
            if said is not None:
                return said.verdict
            observation = replace(altered.observation, response=body.decode())
            self.judge.settle(result, self.judge.findings(case.contract, observation, body))
            return None
        if case.contract.surface is Surface.STREAM:
            body = read_frame(b'{"stream":"canary","data":' + body + b"}").data
        bodies = [*bodies_of(altered.observation)[:-1], body]
        observation = replace(altered.observation, messages=tuple(one.decode() for one in bodies))
        self.judge.settle(result, self.judge.messages(case.contract, observation, bodies))
        return None


def _tolerated_words(result: CaseResult) -> str:
    if result.waived:
        return ", which a waiver covers"
    return ", which passes as a difference of the baseline" if result.baseline else ""


def _is_sound(result: CaseResult, case: PlannedCase) -> bool:
    """Whether an answer conforms, and there is something in it to alter."""
    seen = result.observation
    if result.verdict is not Verdict.CONFORMS or result.differs or result.waived or seen is None:
        return False
    if seen.violations or seen.misfits or seen.silence or seen.event_type or case.contract.retired:
        return False
    return bool(seen.response) and bool(seen.example or seen.expect_codes)


def documented(case: PlannedCase, observation: Observation, product: Product) -> Node:
    """Return the documented shape of the answer to a case."""
    contract = case.contract
    if observation.expect_codes:
        expectation = Expectation(status=observation.expect_status, codes=observation.expect_codes)
        return rejection_shape(contract, expectation, product)
    return answer_shape(contract, observation.example, product)
