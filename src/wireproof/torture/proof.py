"""The whole proof: learn the traffic in an unaltered run, alter it in further ones, and say what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from wireproof.counts import counted
from wireproof.errors import BlockedError
from wireproof.torture.alteration import Alteration  # noqa: TC001  # msgspec reads annotations when it writes
from wireproof.torture.contract_catalogue import ContractIndex
from wireproof.torture.documents import write
from wireproof.torture.plan import by_place, foundations_of, payload_of, plan
from wireproof.torture.suite_runs import Setting, run_suite
from wireproof.torture.traffic import Alterer, Learned, Observer, Place
from wireproof.torture.verdicts import (
    UNJUDGED,
    Accusation,
    AlterationVerdict,
    Detection,
    Judged,
    accused_line,
    judged,
    missed_line,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from wireproof.contract.store import Store
    from wireproof.torture.suite_runs import SuiteOutcome

    Tell = Callable[[str], None]

#: How often an alteration that was hidden by others is tried again.
TRIES = 3

#: How many accusations of one run are told while it goes on.
MOST_TOLD = 10


class ProofPlan(Struct, kw_only=True):
    """What is to be altered, and what is needed to do it again without learning the traffic anew."""

    seed: int
    alterations: list[Alteration]
    foundations: list[str]
    stand_ins: dict[str, str]  # a success of each contract, to be sent in place of its errors
    again: str = ""  # the options that choose the same alterations


class Proof(Struct, kw_only=True):
    """What the suite made of all alterations."""

    target: str
    plan: ProofPlan
    verdicts: list[AlterationVerdict] = field(default_factory=list)
    accusations: list[Accusation] = field(default_factory=list)
    runs: int = 0
    blocked: int = 0  # cases of contracts that were not altered, over all runs
    unnamed: int = 0  # of these, those whose reason names no altered request
    left_out: list[str] = field(default_factory=list)  # contracts that deviate without any alteration

    @property
    def is_kept(self) -> bool:
        """Whether everything was found or explained, and nobody accused without cause."""
        return not self.accusations and all(one.fate in {Detection.FOUND, Detection.EXPLAINED} for one in self.verdicts)


@dataclass(frozen=True)
class Prover:
    """Runs the suite through relays and judges what it makes of alterations.

    `hosts` are the exchange's URLs by product and surface.
    """

    setting: Setting
    store: Store
    hosts: Mapping[str, Mapping[str, str]]
    tell: Tell = lambda _words: None

    @property
    def catalogue(self) -> ContractIndex:
        """The contracts of the products that are exercised."""
        return ContractIndex.of(one for one in self.store.contracts.values() if one.product in self.setting.products)

    async def learn(self) -> tuple[dict[Place, Learned], SuiteOutcome]:
        """Run the suite unaltered, and return what passed and what it said.

        Raise BlockedError when it says nothing about most cases: then nothing can be learned from altered runs either.
        """
        learned: dict[Place, Learned] = {}
        catalogue = self.catalogue
        outcome = await run_suite(self.setting, self.hosts, lambda served: Observer(served, catalogue, learned))
        said = [case for case in outcome.cases if case.get("verdict") not in UNJUDGED]
        if not said or 2 * len(said) < len(outcome.cases):
            raise BlockedError(
                f"The unaltered run judged {len(said)} of {counted(len(outcome.cases), 'case')} (exit status"
                f" {outcome.status}), so nothing can be said of alterations."
                f" `wireproof run --target {self.setting.target}` says why."
            )
        return learned, outcome

    async def plan(
        self,
        *,
        seed: int,
        count: int | None,
        wanted: Callable[[Place, str], bool] = lambda _place, _kind: True,
        together: bool = False,
    ) -> tuple[ProofPlan, SuiteOutcome]:
        """Learn the traffic and choose what to alter; contracts that deviate unaltered are left out."""
        self.tell("unaltered run: learning the traffic")
        learned, outcome = await self.learn()
        deviating = deviating_contracts(outcome)
        own: Counter[tuple[str, str]] = Counter()
        for case in outcome.cases:
            own[case["contract"], "error" if case["kind"] == "rejection" else "success"] += 1
        foundations = foundations_of(learned, own)
        alterations = plan(
            {place: one for place, one in learned.items() if place.contract not in deviating},
            seed=seed,
            count=count,
            foundations=foundations,
            wanted=wanted,
            together=together,
        )
        return ProofPlan(
            seed=seed,
            alterations=alterations,
            foundations=sorted(foundations),
            stand_ins=_stand_ins(learned),
        ), outcome

    async def carry_out(self, made: ProofPlan, unaltered: SuiteOutcome | None = None) -> Proof:
        """Alter what the plan says, in as many runs as it has, and judge each."""
        known = _fingerprints(unaltered) if unaltered is not None else set()
        proof = Proof(target=self.setting.target, plan=made)
        if unaltered is not None:
            proof.left_out = sorted(deviating_contracts(unaltered))
        tries: Counter[int] = Counter()
        waiting = _runs(made.alterations)
        number = 0
        while waiting:
            hidden: list[AlterationVerdict] = []
            for run in waiting:
                group = [replace(one, run=number) for one in run]
                found = await self._run(group, made, known, is_again=tries[run[0].index] > 0)
                self._say(number, found, made.again)
                proof.accusations += found.accusations
                proof.blocked += found.blocked
                proof.unnamed += found.unnamed
                number += 1
                for verdict in found.verdicts:
                    tries[verdict.alteration.index] += 1
                    again = verdict.fate is Detection.HIDDEN and tries[verdict.alteration.index] < TRIES
                    (hidden if again else proof.verdicts).append(verdict)
            waiting = _regrouped([one.alteration for one in hidden], made.foundations)
        proof.runs = number
        proof.verdicts = [_settled(one) for one in sorted(proof.verdicts, key=lambda one: one.alteration.index)]
        return proof

    async def _run(
        self, group: Sequence[Alteration], made: ProofPlan, known: Collection[str], *, is_again: bool
    ) -> Judged:
        applied: Counter[int] = Counter()
        catalogue, places = self.catalogue, by_place(group)
        outcome = await run_suite(
            self.setting,
            self.hosts,
            lambda served: Alterer(served, catalogue, places, applied, made.stand_ins),
            self._options(group, made.foundations, is_again=is_again),
        )
        return judged(group, applied, outcome, self.store, known=known, foundations=made.foundations)

    def _options(self, group: Sequence[Alteration], foundations: Collection[str], *, is_again: bool) -> list[str]:
        """Return the options of a run: those who depend on what is altered are of its product.

        What was hidden is tried again with the cases of its own contracts: that nobody else is accused was seen when it
        was tried first. A selection that was asked for stays.
        """
        products = {one.product for one in group}
        is_narrow = len(products) == 1 and all(one.contract in foundations for one in group)
        options = [f"--product={products.pop()}"] if is_narrow else []
        if any(one.startswith("-k") for one in self.setting.options):
            return options
        if is_again:
            return [*options, "-k", " or ".join(sorted({f"{one.contract}/" for one in group}))]
        if not is_narrow and {one.product for one in self.store.contracts.values()} > set(self.setting.products):
            return ["-k", " or ".join(f"{name}/" for name in self.setting.products)]
        return options

    def _say(self, number: int, found: Judged, again: str) -> None:
        counted = Counter(one.fate for one in found.verdicts)
        said = ", ".join(f"{counted[fate]} {fate}" for fate in Detection if counted[fate])
        wrongly = f", {len(found.accusations)} wrongly accused" if found.accusations else ""
        self.tell(f"run {number}: {len(found.verdicts)} altered: {said}{wrongly}; {found.blocked} others blocked")
        for one in found.verdicts:
            if one.fate is Detection.MISSED:
                self.tell(missed_line(one, again))
        for accusation in found.accusations[:MOST_TOLD]:
            self.tell(accused_line(accusation))


def _settled(verdict: AlterationVerdict) -> AlterationVerdict:
    """Take what stayed hidden for missed: the suite said nothing of it in any run."""
    if verdict.fate is not Detection.HIDDEN:
        return verdict
    fate = Detection.MISSED if verdict.altered else Detection.EXPLAINED
    return replace(verdict, fate=fate)


def _runs(alterations: Iterable[Alteration]) -> list[list[Alteration]]:
    found: dict[int, list[Alteration]] = {}
    for one in alterations:
        found.setdefault(one.run, []).append(one)
    return [found[run] for run in sorted(found)]


def _regrouped(alterations: Sequence[Alteration], foundations: Collection[str]) -> list[list[Alteration]]:
    """Return further runs for what was hidden: together what nothing depends on, alone what others depend on."""
    runs: list[list[Alteration]] = []
    for one in alterations:
        if one.contract in foundations:
            runs.append([one])
            continue
        free = (run for run in runs if run[0].contract not in foundations)
        room = next((run for run in free if all(other.contract != one.contract for other in run)), None)
        if room is None:
            runs.append([one])
        else:
            room.append(one)
    return runs


def deviating_contracts(outcome: SuiteOutcome) -> set[str]:
    """Return the contracts that break, or break the suite, in a run without alterations."""
    return {case["contract"] for case in outcome.cases if case.get("verdict") in {"breaking", "broken"}}


def _fingerprints(outcome: SuiteOutcome) -> set[str]:
    return {
        finding["fingerprint"]
        for case in outcome.cases
        for finding in [*case.get("findings", ()), *case.get("unsteady", ())]
    }


def _stand_ins(learned: Mapping[Place, Learned]) -> dict[str, str]:
    """Return a documented success of each contract, as its payload is written; short ones only."""
    found: dict[str, str] = {}
    for place, one in learned.items():
        if place.bucket in {"rest success", "ws-api success"} and one.documents:
            text = write(payload_of(place.bucket, one.documents[0]))
            if len(text) <= 4_000:
                found[place.contract] = text
    return found
