"""From an observation to a verdict: comparison, protocol rules, waivers, baseline."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from wireproof.contract.fields import why_unshown
from wireproof.contract.model import Expectation, Surface
from wireproof.drift.baseline import Baseline
from wireproof.drift.compare import Comparer, verdict_of
from wireproof.drift.explain import new_finding
from wireproof.drift.finding import Kind, Severity
from wireproof.drift.rules.headers import header_findings
from wireproof.drift.rules.switches import left_out
from wireproof.drift.seen_fields import DocumentedField, FieldTracker, Sight, documented_places, payload_of
from wireproof.recognition import recognise, shortened
from wireproof.results.model import BaselineFinding, WaivedFinding
from wireproof.suite.judging.aside import known_event_types
from wireproof.suite.judging.clean import clean_findings
from wireproof.suite.judging.message_batches import bodies_of, judged
from wireproof.suite.vocabulary.addressed import others
from wireproof.wire.secrets.redact import Redactor
from wireproof.wire.websocket.user_stream import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from wireproof.contract.model import Contract
    from wireproof.contract.store import Store
    from wireproof.drift.finding import Finding
    from wireproof.drift.waivers import Waivers
    from wireproof.results.model import CaseResult, Misfits, Observation


class Judge:
    """Judges observations against the contracts of a store, and says what of the differences is known.

    Args:
        store: The contracts.
        waivers: What is tolerated, by product.
        target: What was asked: waivers and baseline hold on their targets.
        today: The day that decides what has expired.
        redactor: Takes secrets out of findings.
        baseline: What was known before; without it, nothing.
    """

    def __init__(
        self,
        store: Store,
        waivers: dict[str, Waivers],
        *,
        target: str,
        today: date,
        redactor: Redactor | None = None,
        baseline: Baseline | None = None,
    ) -> None:
        self.baseline = baseline if baseline is not None else Baseline()
        self.store, self.waivers, self.target, self.today = store, waivers, target, today
        self.redactor = redactor if redactor is not None else Redactor()
        self._comparers = {name: Comparer(product) for name, product in store.products.items()}
        self._places: dict[tuple[str, str], DocumentedField] = {}
        self._looks: dict[str, FieldTracker] = {}  # of cases that were judged and not yet settled
        self._seen: dict[str, FieldTracker] = {}  # of contracts: what their settled cases saw together

    def findings(self, contract: Contract, observation: Observation, body: bytes) -> list[Finding]:
        """Return every difference of an answer from its contract, protocol rules first."""
        if contract.surface in {Surface.STREAM, Surface.EVENT}:
            return self.messages(contract, observation, bodies_of(observation))
        if contract.retired:
            return _still_there(contract, observation, body)
        comparer = self._comparers[contract.product]
        status = observation.status if contract.surface is Surface.REST else None
        sentences = " ".join(observation.violations)
        found = [violation(contract.id, sentences)] if sentences else []
        if found and observation.response is None:
            return found  # frames came, but it cannot be told which of them is the answer
        if observation.expect_codes:
            expectation = Expectation(status=observation.expect_status, codes=observation.expect_codes)
            found += comparer.rejection(contract, expectation, body, status=status)
            found += self._left_out(contract, observation, body)
            return found + self._headers(contract, observation, success=False)
        differing = comparer.response(contract, observation.example, body, status=status)
        # An error in place of a success shows nothing of what is documented, whatever its status.
        is_error = any(finding.kind is Kind.ERROR_ANSWER and not finding.path for finding in differing)
        self._look(contract, observation, [] if is_error else [body], status)
        success = not is_error and status == 200
        differing += self._left_out(contract, observation, body)
        return found + differing + self._headers(contract, observation, success=success)

    def _left_out(self, contract: Contract, observation: Observation, body: bytes) -> list[Finding]:
        """Return what an envelope must have, since the request did not switch it off, and has not."""
        return left_out(contract, self.store.products[contract.product], observation.request, body)

    def _headers(self, contract: Contract, observation: Observation, *, success: bool) -> list[Finding]:
        """Return how the headers of an HTTP answer differ from the documented ones, where they were observed."""
        if observation.headers is None:
            return []
        return header_findings(contract, self.store.products[contract.product], observation.headers, success=success)

    def messages(self, contract: Contract, observation: Observation, bodies: Sequence[bytes]) -> list[Finding]:
        """Return every difference of the messages of a stream, or of the events of a cause, protocol rules first."""
        if observation.event_type:
            return self._undocumented_event(contract, observation, len(bodies))
        sentences = " ".join(observation.violations)
        found = [violation(contract.id, sentences)] if sentences else []
        if observation.silence:
            found.append(silent_stream(contract.id, observation.silence))
        found += map(partial(misfit, contract.id), observation.misfits)
        if observation.aside and not observation.example:
            return found  # what came fits no contract, so that there is nothing to compare it with
        if bodies:
            self._look(contract, observation, bodies)
        found += self._misaddressed(contract, observation, bodies)
        return found + judged(self._comparers[contract.product], contract, observation.example, bodies)

    def _misaddressed(self, contract: Contract, observation: Observation, bodies: Sequence[bytes]) -> list[Finding]:
        """Return what in the messages of a subscription belongs to another one, each place once."""
        if not observation.addressed:
            return []
        found: dict[str, Finding] = {}
        for path, wanted, came in (other for body in bodies for other in others(observation.addressed, decoded(body))):
            known = found.get(path)
            if known is None:
                found[path] = new_finding(
                    contract.id, path, Kind.VALUE_CHANGED, f'"{wanted}"', f'"{shortened(came, 60)}"'
                )
                found[path] = replace(found[path], of=len(bodies))
            else:
                found[path] = replace(known, occurrences=known.occurrences + 1)
        return [replace(one, of=max(one.of, one.occurrences)) for one in found.values()]

    def _undocumented_event(self, contract: Contract, observation: Observation, messages: int) -> list[Finding]:
        """Return the finding for messages of an event type that no contract knows; nothing once one does."""
        name = observation.event_type
        if name in known_event_types(self.store, contract.product, contract.surface):
            return []
        found = new_finding(contract.id, "", Kind.UNDOCUMENTED_EVENT, "", f"undocumented event {name}", value=name)
        return [replace(found, occurrences=max(messages, 1), of=max(messages, 1))]

    def settle(self, result: CaseResult, findings: list[Finding]) -> None:
        """Write findings, redacted, what of them is known, the verdict and what was not seen into a result."""
        findings = clean_findings(findings, self.redactor)
        waivers = self.waivers.get(result.product)
        if waivers is not None:
            findings, waived = waivers.apply(findings, target=self.target, today=self.today)
            result.waived = [
                WaivedFinding(finding=finding, reason=waiver.reason, link=waiver.link, expires=waiver.expires)
                for finding, waiver in waived
            ]
        findings, known = self.baseline.apply(findings, target=self.target, today=self.today)
        result.baseline = [BaselineFinding(finding=one, since=of.since, expires=of.expires) for one, of in known]
        result.findings = findings
        result.verdict = verdict_of(findings)
        look = self._looks.pop(result.id, None)
        if look is not None:
            sight = look.sight(result.contract)
            result.fields, result.unseen = sight.fields, list(sight.unseen)
            contract = self.store.contracts[result.contract]
            self._seen.setdefault(contract.id, FieldTracker(self._places_of(contract))).take(look)

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Forget after the block what was seen in it: whatever is judged there counts as seen nowhere."""
        before = self._looks, self._seen
        self._looks, self._seen = {}, {}
        try:
            yield
        finally:
            self._looks, self._seen = before

    def sights(self) -> list[Sight]:
        """Return what the settled cases of each contract saw of its documented fields, all its examples together."""
        return [self._explained(look.sight(contract)) for contract, look in self._seen.items()]

    def _explained(self, sight: Sight) -> Sight:
        """Say of what was not seen why it was not, where the contracts or their waivers know."""
        product = self.store.products[self.store.contracts[sight.contract].product]
        waivers = self.waivers.get(product.product)

        def why(path: str) -> str:
            waived = "" if waivers is None else waivers.why_absent(sight.contract, path, self.target)
            return waived or why_unshown(product, sight.contract, path)

        return replace(sight, unseen=tuple(replace(one, because=why(one.path)) for one in sight.unseen))

    def _look(
        self, contract: Contract, observation: Observation, bodies: Sequence[bytes], status: int | None = None
    ) -> None:
        """Note which documented fields these answers show. The first answers show most; the rest is not read then."""
        look = self._looks[observation.case] = FieldTracker(self._places_of(contract, observation.example))
        for body in bodies:
            if look.complete:
                break
            look.at(payload_of(contract.surface, body, status))

    def _places_of(self, contract: Contract, example: str = "") -> DocumentedField:
        """Return the documented places of an example, or of all examples of a contract."""
        places = self._places.get((contract.id, example))
        if places is None:
            examples = [one for one in contract.examples if example in {"", one.name}]
            places = documented_places(contract, self.store.products[contract.product], examples)
            self._places[contract.id, example] = places
        return places


def violation(contract: str, sentence: str) -> Finding:
    """Return the finding for a broken protocol rule, such as an answer that came twice."""
    return new_finding(contract, "", Kind.PROTOCOL_VIOLATION, "the documented protocol", sentence)


def _still_there(contract: Contract, observation: Observation, body: bytes) -> list[Finding]:
    """Return the finding for a retired request that is carried out all the same; any refusal is as it should be."""
    if not recognise(observation.status, body).is_success:
        return []
    said = f"a success, though retired since {contract.retired}"
    return [new_finding(contract.id, "", Kind.RETIRED_ANSWER, "no such request", said)]


def silent_stream(contract: str, sentence: str) -> Finding:
    """Return the finding for a stream that is dead: it sent nothing while an independent witness moved."""
    return new_finding(contract, "", Kind.SILENT_STREAM, "messages", sentence)


def misfit(contract: str, one: Misfits) -> Finding:
    """Return the finding for what came otherwise than the protocol wants it."""
    expected = one.expected or "the documented protocol"
    found = new_finding(contract, one.path, Kind(one.kind), expected, one.sentence, value=one.value)
    severity = Severity.ADDITIVE if one.harmless else found.severity
    return replace(found, occurrences=one.count, of=max(one.of, one.count), severity=severity)
