"""A year of nights through the real path of judging: what is reported, when, as what, and how large everything gets.

python benchmarks/year.py [REPORTS] [--nights 365] [--product NAME] [--full 3]

REPORTS is the folder of a whole run (`wireproof run`); without one, each documented example stands for the answers of
its cases. They are altered night by night: 40 changes of every kind in all products and surfaces, half of them
announced by an entry of `changes.json` made for the year; dead streams, blocked nights, slow machines. Beside them
stand whole runs of options, every third against a venue that drifts.

What a night shows of a contract is judged by `Replay` and folded by `fold`, as `wireproof judge` does it. That is done
once for each contract and each way in which its answers are altered, and reused on the other nights: neither reads the
date, but for that of waivers, which stays, and that of the ledger's entries, which is put in. Two nights are judged and
folded whole to see that it comes to the same.

Exits with 1 where a change is not reported on its night, or as something else, where anything else is reported on any
night, or where ledger, history or site are larger than they may be.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from dataclasses import replace as replace_dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from wireproof.contract.dated_changes import Changes, DatedChange
from wireproof.contract.leaves import Scalar
from wireproof.contract.model import Surface
from wireproof.contract.paths import child, element
from wireproof.contract.shape import Elements, Fields, Positions
from wireproof.contract.store import load_store
from wireproof.drift.baseline import baseline_of
from wireproof.drift.documented_shape import answer_shape
from wireproof.drift.finding import Kind, Verdict
from wireproof.drift.value_paths import values_at
from wireproof.drift.waivers import waivers_of
from wireproof.ledger.change_matching import ChangeIndex
from wireproof.ledger.finding_standing import NightSeen, TargetMemory, standings
from wireproof.ledger.folding import answers_of, fold
from wireproof.ledger.joining import join
from wireproof.ledger.ledger_file import LEDGER, LedgerFile
from wireproof.ledger.model import ContractRecord, RunMark, TargetLedger, night_bits
from wireproof.ledger.recorded import recorded
from wireproof.report.files import HISTORY, observations_jsonl, read_observations, read_result, result_json
from wireproof.report.files import write_first_screen as write_page
from wireproof.report.history import History
from wireproof.report.site import write_site
from wireproof.report.standing_files import nights_of
from wireproof.report.summary import summary_markdown
from wireproof.results.conclusion import EXERCISED, Outcome, conclude
from wireproof.results.model import Blockage, Observation, RunResult
from wireproof.results.run_summary import gather
from wireproof.suite.judging.judge import Judge
from wireproof.suite.judging.repetition import Confirming
from wireproof.suite.planning.cases import WatchedCase, plan_cases
from wireproof.suite.running.replay import Replay
from wireproof.suite.target import recorded_target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wireproof.contract.store import Store
    from wireproof.results.model import CaseResult
    from wireproof.suite.planning.cases import PlannedCase

DAY = 86_400_000
TARGET = "testnet"
LAST_NIGHT = datetime(2026, 11, 27, 3, 23, tzinfo=UTC)
LEDGER_MB, HISTORY_MB, SITE_MB = 5.0, 4.2, 15.0
RESTRICTED = '{"code":0,"msg":"Service unavailable from a restricted location."}'
ENVELOPE = {"id", "status", "rateLimits", "e", "code", "msg", "error"}
NEW_FIELD, NEW_WORD, NEW_CODE = "newField", "BRAND_NEW", -4999

#: The kinds of change, with what a judge must call each of them, and the kind of its entry in `changes.json`.
KINDS: dict[str, tuple[Kind, str]] = {
    "field removed": (Kind.MISSING_FIELD, "field-removed"),
    "field added": (Kind.UNDOCUMENTED_FIELD, "field-added"),
    "number for a string": (Kind.TYPE_CHANGED, "field-type-changed"),
    "null": (Kind.NULL_VALUE, "field-type-changed"),
    "format": (Kind.FORMAT_CHANGED, ""),
    "word": (Kind.UNDOCUMENTED_VALUE, "enum-value-added"),
    "status": (Kind.STATUS_CHANGED, ""),
    "error code": (Kind.ERROR_CODE_CHANGED, "behaviour"),
    "error in a success": (Kind.ERROR_ANSWER, ""),
    "no JSON": (Kind.UNPARSEABLE, ""),
    "shorter tuple": (Kind.LENGTH_CHANGED, ""),
    "longer tuple": (Kind.UNDOCUMENTED_ELEMENT, ""),
}
DEAD = "dead stream"


@dataclass(frozen=True)
class Place:
    """Where something can be altered: the object at `around` has the key `name`."""

    contract: str
    around: str
    name: str

    @property
    def path(self) -> str:
        """The generalised path."""
        return child(self.around, self.name) if self.name else self.around


@dataclass(frozen=True)
class Change:
    """A change of what one contract's answers show, from night `first` until before night `end`."""

    number: int
    kind: str
    place: Place
    first: int
    end: int
    is_announced: bool = False

    @property
    def found_as(self) -> Kind:
        """What a judge must call it."""
        return Kind.SILENT_STREAM if self.kind == DEAD else KINDS[self.kind][0]

    @property
    def key(self) -> tuple[str, str, Kind]:
        """What tells its findings from others."""
        return (self.place.contract, self._path, self.found_as)

    @property
    def is_of_answers(self) -> bool:
        """Whether it is a change of what successful requests are answered, and not of refusals or messages."""
        return self.kind != "error code" and self.place.contract.split("/")[1] in {Surface.REST, Surface.WS_API}

    @property
    def _path(self) -> str:
        if self.kind in {"error in a success", "no JSON", DEAD}:
            return ""
        return {"status": "status", "longer tuple": f"{self.place.path}[]"}.get(self.kind, self.place.path)


# -- a night: observations, and what they come to -------------------------------------------------------------------


class Nights:
    """The observations of one night, and what they come to as they are or altered, each way judged once."""

    def __init__(self, store: Store, run: RunResult, observations: list[Observation], products: set[str]) -> None:
        self.store = store
        wanted = [one for one in store.contracts.values() if one.product in products]
        seen = {one.case for one in observations}
        self.cases = [case for case in plan_cases(store, wanted) if case.id in seen]
        known = {case.id for case in self.cases}
        self.observations: dict[str, list[Observation]] = {}
        for one in observations:
            if one.case in known and one.attempt == 1:
                self.observations.setdefault(one.contract, []).append(one)
        self.run = replace(run, target=TARGET, cases=[], notes=[], blocked=[], doubts=[], recorded={})
        self.by_contract: dict[str, list[PlannedCase]] = {}
        for case in self.cases:
            self.by_contract.setdefault(case.contract.id, []).append(case)
        self.target = recorded_target(self.run)
        self.judge = Judge(
            store,
            {name: waivers_of(store, name) for name in store.products},
            target=TARGET,
            today=LAST_NIGHT.date(),
            redactor=self.target.redactor,
            baseline=baseline_of(store),
        )
        self._judged: dict[tuple[str, Any], tuple[list[CaseResult], list[Observation], bytes]] = {}
        self.judged_anew = 0

    def of(self, contract: str, variant: Any, alter: Callable[[Observation], list[Observation]] | None) -> Any:
        """Return results, observations and encoded ledger record of a contract on a night, judged once per variant."""
        found = self._judged.get((contract, variant))
        if found is None:
            before = self.observations.get(contract, [])
            observed = before if alter is None else [new for one in before for new in alter(one)]
            results, record = self.judge_and_fold(self.by_contract[contract], observed)
            found = self._judged[contract, variant] = (results, observed, record.get(contract, b""))
        return found

    def judge_and_fold(
        self, cases: list[PlannedCase], observed: list[Observation]
    ) -> tuple[list[CaseResult], dict[str, bytes]]:
        """Return what these observations come to; ledger records encoded, dated 1970."""
        self.judged_anew += len(cases)
        for one in cases:
            self.judge._looks.pop(one.id, None)  # noqa: SLF001  # of the same case, altered otherwise
        replay = Replay(
            cases, observed, store=self.store, target=self.target, judge=self.judge, run="", confirming=Confirming()
        )
        replay.start()
        results = [replay.state.results[case.id] for case in cases]
        run = replace(self.run, cases=results, started_at=0.0)
        ledger = fold(run, observed, self.store)
        return results, {name: msgspec.json.encode(record) for name, record in ledger.contracts.items()}


def examples_as_answers(store: Store, products: set[str]) -> tuple[RunResult, list[Observation]]:
    """Return a night on which each case was answered with its documented example."""
    observations = []
    for case in plan_cases(store, [one for one in store.contracts.values() if one.product in products]):
        shown = next((one.response for one in case.contract.examples if one.name == case.example), None)
        if shown is None or case.expect is not None or case.contract.retired:
            continue
        body = json.dumps(shown)
        watched = isinstance(case, WatchedCase)
        observations.append(
            Observation(
                case=case.id,
                contract=case.contract.id,
                example=case.example,
                response=body,
                status=None if watched else 200,
                messages=(body,) if watched else (),
                sent_at=1.0,
                received_at=2.0,
            )
        )
    return RunResult(run="examples", version="0", target=TARGET, endpoints={}), observations


# -- changes --------------------------------------------------------------------------------------------------------


def places_of(nights: Nights, contract_id: str) -> Iterator[tuple[str, Place, Any]]:
    """Yield what can be altered in each answer of a contract that was observed: kind of change, place, its node."""
    contract = nights.store.contracts[contract_id]
    cases = [case for case in nights.by_contract[contract_id] if case.example]
    if not cases or contract.retired or len({example.when for example in contract.examples}) > 1:
        return
    product = nights.store.products[contract.product]
    top = answer_shape(contract, cases[0].example, product)
    observed = [one for one in nights.observations.get(contract_id, []) if one.example]
    documents = [document for one in observed for document in answers_of(contract, one)]
    if not documents:
        return
    if contract.surface is Surface.REST:
        yield "status", Place(contract_id, "", ""), None
        yield "error in a success", Place(contract_id, "", ""), None
        yield "no JSON", Place(contract_id, "", ""), None
    # A field that repeats a parameter of the subscription says whose the message is: altered, it is two differences.
    addressed = {path for one in observed for path in one.addressed}
    yield from (found for found in _below(contract_id, top, "", documents) if found[1].path not in addressed)


def _below(contract: str, node: Any, path: str, values: list[Any]) -> Iterator[tuple[str, Place, Any]]:
    if isinstance(node.array, Elements) and node.array.node is not None and values:
        rows = [row for value in values if isinstance(value, list) for row in value]
        yield from _below(contract, node.array.node, element(path), rows)
    if isinstance(node.array, Positions) and path and values and all(isinstance(one, list) for one in values):
        width = node.array.required
        if len(node.array.nodes) == width and all(len(one) == width for one in values) and width > 1:
            yield "shorter tuple", Place(contract, path, ""), width
            yield "longer tuple", Place(contract, path, ""), width
    if not isinstance(node.object, Fields) or not values or not all(isinstance(one, dict) for one in values):
        return
    if not (path == "" and "status" in node.object.fields):  # beside the envelope of the WebSocket API
        yield "field added", Place(contract, path, NEW_FIELD), node
    for name, entry in node.object.fields.items():
        if name in ENVELOPE or any(name not in one for one in values):
            continue
        shown = [one[name] for one in values]
        if entry.required and entry.when is None:
            yield "field removed", Place(contract, path, name), entry.node
        below = entry.node
        if below.scalars == {Scalar.DECIMAL} and all(isinstance(one, str) for one in shown):
            for kind in ("number for a string", "null", "format"):
                if kind != "null" or not below.nullable:
                    yield kind, Place(contract, path, name), below
        if below.enum and all(isinstance(one, str) for one in shown):
            yield "word", Place(contract, path, name), below
        if below.object is not None or below.array is not None:
            yield from _below(contract, below, child(path, name), shown)


def choose(nights: Nights, length: int, dice: random.Random, *, count: int, dead: int) -> list[Change]:
    """Return changes of every kind, in every product and surface in turn, each in a contract of its own."""
    by_kind: dict[str, dict[tuple[str, str], list[Place]]] = {kind: {} for kind in KINDS}
    for contract in sorted(nights.observations):
        surface = tuple(contract.split("/")[:2])
        for kind, place, _ in places_of(nights, contract):
            by_kind[kind].setdefault((surface[0], surface[1]), []).append(place)
    for contract, observed in nights.observations.items():
        for one in observed:
            if one.expect_codes and one.response and nights.store.contracts[contract].surface is Surface.REST:
                surface = tuple(contract.split("/")[:2])
                by_kind["error code"].setdefault((surface[0], surface[1]), []).append(Place(contract, "", "code"))
    used: set[str] = set()
    uses: Counter[Any] = Counter()
    changes: list[Change] = []
    kinds = [kind for kind in KINDS if by_kind[kind]]
    last = length - 2

    def taken(kind: str) -> Place | None:
        rooms = sorted(by_kind[kind], key=lambda room: (uses[room], room))
        for room in rooms:
            free = [place for place in by_kind[kind][room] if place.contract not in used]
            if free:
                uses[room] += 1
                place = dice.choice(free)
                used.add(place.contract)
                return place
        return None

    for number in range(count):
        place = taken(kinds[number % len(kinds)])
        if place is None:
            continue
        kind = kinds[number % len(kinds)]
        first = dice.randrange(2, max(last - 2, 3))
        end = min(first + dice.randrange(2, 40), last)
        changes.append(Change(number, kind, place, first, max(end, first + 1), bool(KINDS[kind][1])))
    streams = sorted(
        contract
        for contract in nights.observations
        if nights.store.contracts[contract].surface is Surface.STREAM
        and contract not in used
        and not nights.store.contracts[contract].id.partition("/stream/")[2].startswith("control.")
        and any(one.messages for one in nights.observations[contract])
    )
    for number, contract in enumerate(dice.sample(streams, min(dead, len(streams)))):
        first = dice.randrange(2, max(last - 2, 3))
        changes.append(Change(count + number, DEAD, Place(contract, "", ""), first, min(first + 9, last)))
    # Half of the changes are announced, and of those a third come before their day.
    announced = {id(one) for one in [one for one in changes if one.is_announced][: count // 2]}
    return [replace_dataclass(one, is_announced=id(one) in announced) for one in changes]


def altered(change: Change, observation: Observation) -> Observation:
    """Return an observation as it is once a change is there."""
    if change.kind == "error code":
        if not observation.expect_codes or observation.response is None:
            return observation
        document = json.loads(observation.response)
        if not isinstance(document, dict) or "code" not in document:
            return observation
        return replace(observation, response=json.dumps(document | {"code": NEW_CODE}))
    if not observation.example or observation.response is None:
        return observation
    if change.kind == DEAD:
        said = "no message within 10 s, while the order book moved 7 times (last update 71 to 78)"
        return replace(observation, response=None, messages=(), silence=said)
    if change.kind == "status":
        return replace(observation, status=202)
    if change.kind == "error in a success":
        return replace(observation, response=json.dumps({"code": NEW_CODE, "msg": "No."}))
    if change.kind == "no JSON":
        return replace(observation, response="OK")
    bodies = [_altered_body(change, one) for one in observation.messages]
    return replace(observation, response=_altered_body(change, observation.response), messages=tuple(bodies))


def _altered_body(change: Change, body: str) -> str:
    document, place = json.loads(body), change.place
    tuples = change.kind in {"shorter tuple", "longer tuple"}
    for found in values_at(document, place.around):
        if tuples and isinstance(found, list):
            found.append("1") if change.kind == "longer tuple" else found.pop()
        elif isinstance(found, dict):
            _alter(change.kind, found, place.name)
    return json.dumps(document)


def _alter(kind: str, found: dict[str, Any], name: str) -> None:
    if kind == "field added":
        found[name] = "1"
    elif name in found:
        if kind == "field removed":
            del found[name]
        else:
            number = float(found[name]) if kind == "number for a string" else None
            found[name] = {"null": None, "format": "n/a", "word": NEW_WORD, "number for a string": number}[kind]


def announcement(change: Change, day_of: Callable[[int], str]) -> DatedChange:
    """Return the entry of `changes.json` that announces a change: 20 days before, or of every third early."""
    early = change.number % 3 == 0
    types = {"number for a string": "number", "null": "string or null"}
    after = {"word": NEW_WORD, "error code": NEW_CODE, **types}.get(change.kind)
    return DatedChange(
        contracts=(change.place.contract,),
        kind=KINDS[change.kind][1],  # type: ignore[arg-type]  # one of those that the format has
        path=change.place.path,
        before="string" if change.kind in types else None,
        after=after,
        announced=day_of(change.first - 20),
        in_force=day_of(change.first + (60 if early else -1)),
        basis="change-log",
        links=("https://example.org/change-log",),
    )


# -- the year -------------------------------------------------------------------------------------------------------


@dataclass
class Plan:
    """What happens in a year, by number of the night."""

    length: int
    changes: list[Change]
    blocked: dict[int, str]  # night -> the product that is blocked; empty: all of them
    slow: set[int]

    def day_of(self, night: int) -> str:
        """Return the day of a night."""
        return (LAST_NIGHT - timedelta(days=self.length - 1 - night)).date().isoformat()

    def began(self, night: int) -> float:
        """Return when its run started, in epoch milliseconds."""
        return (LAST_NIGHT - timedelta(days=self.length - 1 - night)).timestamp() * 1000

    def active(self, night: int) -> list[Change]:
        """Return the changes that are there on a night."""
        return [one for one in self.changes if one.first <= night < one.end]

    def is_slow(self, contract: str, night: int) -> bool:
        """Whether a slow machine costs answers of a contract on a night: of one contract in twenty."""
        return night in self.slow and random.Random(f"{contract} {night}").random() < 0.05  # noqa: S311

    def is_blocked(self, contract: str, night: int) -> bool:
        """Whether the product of a contract is blocked on a night."""
        return night in self.blocked and contract.startswith(self.blocked[night])

    def shown(self, night: int) -> list[Change]:
        """Return those of them that the night can see."""
        return [
            one
            for one in self.active(night)
            if not self.is_blocked(one.place.contract, night)
            and not (self.is_slow(one.place.contract, night) and one.is_of_answers)
        ]


def plan_year(nights: Nights, length: int, *, changes: int, dead: int, blocked: int, slow: int) -> Plan:
    """Return a repeatable year."""
    dice = random.Random(14)  # noqa: S311  # a repeatable year
    products = sorted({contract.partition("/")[0] for contract in nights.observations})
    closed = dice.sample(range(1, length), min(blocked, length // 4))
    whole = closed[: max(len(closed) // 3, 1)]
    open_nights = [night for night in range(1, length) if night not in closed]
    by_night = {night: "" if night in whole else dice.choice(products) for night in closed}
    chosen = choose(nights, length, dice, count=changes, dead=dead)
    return Plan(length, chosen, by_night, set(dice.sample(open_nights, min(slow, len(open_nights)))))


@dataclass
class Figures:
    """What a year came to."""

    wrong: list[str] = field(default_factory=list)
    rows: list[tuple[str, ...]] = field(default_factory=list)
    seconds: Counter[str] = field(default_factory=Counter)
    sizes: dict[str, float] = field(default_factory=dict)
    classes: Counter[str] = field(default_factory=Counter)
    reported: int = 0
    judged_anew: int = 0


class Year:
    """Nights one after the other, each judged, folded, written into history and ledger, and checked."""

    def __init__(self, nights: Nights, plan: Plan, folder: Path) -> None:
        self.nights, self.plan, self.folder = nights, plan, folder
        self.history, self.ledger = History(), TargetLedger(target=TARGET)
        self.figures = Figures()
        self._seen: set[int] = set()  # changes that were reported
        self._always = self._findings([one for results in self._sound.values() for one in results])
        entries = [announcement(one, plan.day_of) for one in plan.changes if one.is_announced]
        self._announced = ChangeIndex({"": Changes(changes=tuple(entries))}, lambda _: frozenset())
        self._live: TargetLedger = TargetLedger(target="live")

    @cached_property
    def _sound(self) -> dict[str, list[CaseResult]]:
        return {contract: self.nights.of(contract, (), None)[0] for contract in self.nights.by_contract}

    @staticmethod
    def _findings(cases: list[CaseResult]) -> dict[tuple[str, str, Kind], str]:
        lasting = [finding for case in cases for finding in case.lasting_findings]
        return {(one.contract, one.path, one.kind): one.fingerprint for one in lasting}

    def variant_of(self, contract: str, night: int) -> tuple[Any, Callable[[Observation], list[Observation]] | None]:
        """Return how the answers of a contract are altered on a night, as a key and as what does it."""
        plan = self.plan
        if plan.is_blocked(contract, night):
            return "blocked", lambda one: [replace(one, status=451, response=RESTRICTED, messages=())]
        here = tuple(one for one in plan.active(night) if one.place.contract == contract)
        slow = plan.is_slow(contract, night)
        if not here and not slow:
            return (), None

        def alter(one: Observation) -> list[Observation]:
            for change in here:
                one = altered(change, one)
            return _slowed(one) if slow else [one]

        return (tuple(change.number for change in here), slow), alter

    def live_through(self, night: int) -> RunResult:
        """Judge a night, take it into history and ledger, and check what is reported."""
        seconds, begin = self.figures.seconds, time.perf_counter()
        cases: list[CaseResult] = []
        raw: dict[str, bytes] = {}
        day = self.plan.day_of(night)
        for contract in self.nights.by_contract:
            results, _, record = self.nights.of(contract, *self.variant_of(contract, night))
            cases += results
            raw[contract] = record
        seconds["judging"] += time.perf_counter() - begin
        begin = time.perf_counter()
        records = _dated(raw, day)
        run = self._run(night, cases)
        tonight = TargetLedger(target=TARGET, runs={run.run: RunMark(day=day)}, contracts=records)
        own = TargetMemory(ledger=self.ledger, nights=nights_of(self.history, TARGET))
        self.ledger = join(self.ledger, tonight)
        run.recorded = recorded(run, self.ledger, tonight)
        seconds["ledger"] += time.perf_counter() - begin
        begin = time.perf_counter()
        findings = [finding for case in cases for finding in case.lasting_findings]
        since = {one.fingerprint: self.history.first_seen_of(TARGET, one)[:10] for one in findings}
        live = TargetMemory(ledger=self._live_of(day), nights=[NightSeen(day=day)])
        targets = {name: {TARGET, "live"} for name in self.nights.store.products}
        run.standings = standings(run, self._announced, own=own, since=since, there=live, targets=targets)
        self.history = self.history.with_run(run)
        seconds["history"] += time.perf_counter() - begin
        self._check(night, run)
        return run

    def _live_of(self, day: str) -> TargetLedger:
        """Return the other target, which shows every night what it always showed."""
        if not self._live.contracts:
            raw = {name: self.nights.of(name, (), None)[2] for name in self.nights.by_contract}
            contracts = _dated(raw, LAST_NIGHT.date().isoformat())
            self._live = TargetLedger(target="live", runs={"live": RunMark(day=day)}, contracts=contracts)
        return self._live

    def _run(self, night: int, cases: list[CaseResult]) -> RunResult:
        blocked = sum(case.verdict is Verdict.BLOCKED for case in cases)
        run = replace(
            self.nights.run,
            run=f"night-{night:03}",
            started_at=self.plan.began(night),
            ended_at=self.plan.began(night) + 60_000,
            cases=cases,
            selected=len(cases),
            exercised=sum(case.verdict in EXERCISED for case in cases),
            silent=sum(case.verdict is None and case.may_be_silent for case in cases),
            notes=[],
            blocked=[Blockage(host="host", reason="HTTP 451", cases=blocked)] if night in self.plan.blocked else [],
        )
        run.exit_status = conclude(run).exit_status
        return run

    def _check(self, night: int, run: RunResult) -> None:
        """Note what is not reported that must be, and what is reported that must not be."""
        wrong, shown = self.figures.wrong, self.plan.shown(night)
        found = self._findings(run.cases)
        expected = {one.key for one in shown}
        for key in sorted(found.keys() - self._always.keys() - expected):
            wrong.append(f"night {night}: {key[2]} at {key[0]} {key[1]} is no change")
        news = set(self.history.changes(run).new)
        standing = {one.fingerprint: one for one in run.standings}
        for change in shown:
            name = found.get(change.key)
            if name is None:
                wrong.append(f"night {night}: {change.kind} at {change.place.contract} {change.place.path} is missed")
                continue
            first = change.number not in self._seen
            self._seen.add(change.number)
            if first is not (name in news):
                wrong.append(f"night {night}: {change.kind} at {change.place.path} is {'not ' if first else ''}new")
            if first:
                self.figures.reported += 1
                self._check_class(night, change, standing[name])
        outcome = conclude(run).outcome
        if night in self.plan.blocked and outcome is Outcome.OK:
            wrong.append(f"night {night} was blocked, and is called {outcome}")
        base = [one for one in self._always if one not in expected]
        usual = night not in self.plan.blocked and night not in self.plan.slow and not shown
        if usual and base == list(self._always) and outcome is not self._outcome_of_a_sound_night:
            wrong.append(f"night {night} saw nothing, and is called {outcome}")

    @cached_property
    def _outcome_of_a_sound_night(self) -> Outcome:
        return conclude(self._run(0, [one for results in self._sound.values() for one in results])).outcome

    def _check_class(self, night: int, change: Change, standing: Any) -> None:
        early = change.is_announced and change.number % 3 == 0
        wanted = ("early" if early else "announced") if change.is_announced else "unannounced"
        gains = {Kind.TYPE_CHANGED, Kind.UNDOCUMENTED_VALUE, Kind.UNDOCUMENTED_FIELD, Kind.UNDOCUMENTED_ELEMENT}
        ahead = change.is_announced or change.found_as in gains
        said = (str(standing.standing), str(standing.announcement))
        self.figures.classes[", ".join(said)] += 1
        if said != ("testnet ahead" if ahead else "regression", wanted):
            where = f"{change.kind} at {change.place.contract} {change.place.path}"
            self.figures.wrong.append(f"night {night}: {where} is called {', '.join(said)}: {standing.reason}")

    def compare_with_whole(self, night: int, run: RunResult) -> None:
        """Judge and fold a night whole, and see that it comes to what was reused."""
        observed = []
        for contract in self.nights.by_contract:
            observed += self.nights.of(contract, *self.variant_of(contract, night))[1]
        cases = [case for several in self.nights.by_contract.values() for case in several]
        results, _ = self.nights.judge_and_fold(cases, observed)
        if [_comparable(one) for one in results] != [_comparable(one) for one in run.cases]:
            self.figures.wrong.append(f"night {night} judged whole comes to something else")
        whole = fold(replace(run, cases=results), observed, self.nights.store)
        parts = {name: self.nights.of(name, *self.variant_of(name, night))[2] for name in whole.contracts}
        again = _dated(parts, self.plan.day_of(night))
        if again != whole.contracts:
            self.figures.wrong.append(f"night {night} folded whole comes to something else")


def _dated(records: dict[str, bytes], day: str) -> dict[str, ContractRecord]:
    """Return encoded records, dated 1970, as those of a day (ISO 8601); what nothing was folded of is left out."""
    raw = b",".join(json.dumps(name).encode() + b":" + record for name, record in records.items() if record)
    dated = b"{" + raw.replace(b'"1970-01-01"', f'"{day}"'.encode()) + b"}"
    found = msgspec.json.decode(dated, type=dict[str, ContractRecord])
    for one in found.values():
        one.nights = night_bits(day)
    return found


def _comparable(case: CaseResult) -> Any:
    return (case.id, case.verdict, [(one.fingerprint, one.occurrences, one.of) for one in case.every_finding])


def _slowed(one: Observation) -> list[Observation]:
    """Return what a machine that stands still leaves: no answer of a request, and of a stream a message less."""
    if one.messages or one.silence:
        return [replace(one, messages=one.messages[-1:])]
    return [one if one.expect_codes else replace(one, response=None, status=None, headers=None, received_at=None)]


def report(year: Year, run: RunResult, source: Path | None) -> None:
    """Write the reports of the last night, and the site, and note how large everything is."""
    folder, figures = year.folder / "reports-of" / TARGET, year.figures
    begin = time.perf_counter()
    folder.mkdir(parents=True)
    nights, last = year.nights, year.plan.length - 1
    observed = [one for name in nights.by_contract for one in nights.of(name, *year.variant_of(name, last))[1]]
    by_case = {one.case: one for one in observed}
    for case in run.cases:
        case.observation = by_case.get(case.id)
    summary = gather(run)
    (folder / "observations.jsonl").write_bytes(observations_jsonl(run))
    (folder / "summary.md").write_text(summary_markdown(summary, year.history), "utf-8")
    (folder / "result.json").write_bytes(result_json(run))
    year.history.save(folder / HISTORY)
    (folder / LEDGER).write_bytes(LedgerFile().joined_with(year.ledger).encoded())
    write_page(summary, year.history, folder)
    if source is not None and (source / "allure-results").is_dir():
        from wireproof.report.html_report import html_of_run  # noqa: PLC0415

        shutil.copytree(source / "allure-results", folder / "allure-results")
        figures.seconds["Allure"] += time.perf_counter() - begin
        made = html_of_run(run, folder)
        if made.file is None:
            figures.wrong.append(made.sentence)
    figures.seconds["report"] += time.perf_counter() - begin
    begin = time.perf_counter()
    write_site(folder.parent, year.folder / "site")
    figures.seconds["site"] += time.perf_counter() - begin
    pages = [*(year.folder / "site" / TARGET / "fields").rglob("*.html")]
    bounds = {
        "ledger": (size(folder / LEDGER), LEDGER_MB),
        "history": (size(folder / HISTORY), HISTORY_MB),
        "site of one target": (size(year.folder / "site"), SITE_MB),
        "largest page of fields": (max((size(page) for page in pages), default=0.0), 0.3),
    }
    for name, (megabytes, most) in bounds.items():
        figures.sizes[name] = megabytes
        figures.rows.append((name, f"{megabytes:.2f} MB", f"at most {most:g} MB"))
        if megabytes > most:
            figures.wrong.append(f"{name}: {megabytes:.2f} MB, and at most {most:g} MB are allowed")


def size(path: Path) -> float:
    """Return the size of a file or a folder in megabytes."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files) / 1e6


def simulate(
    folder: Path,
    source: Path | None = None,
    *,
    length: int = 365,
    products: set[str] | None = None,
    changes: int = 40,
    dead: int = 5,
    blocked: int = 30,
    slow: int = 10,
) -> Figures:
    """Live through a year below `folder`, and return what it came to."""
    store = load_store()
    wanted = products or set(store.products)
    if source is None:
        run, observations = examples_as_answers(store, wanted)
    else:
        run, observations = read_result(source / "result.json"), read_observations(source / "observations.jsonl")
    nights = Nights(store, run, observations, wanted)
    plan = plan_year(nights, length, changes=changes, dead=dead, blocked=blocked, slow=slow)
    year = Year(nights, plan, folder)
    compared = {min((one.first for one in plan.changes), default=0), length - 1}
    for night in range(length):
        last = year.live_through(night)
        if night in compared:
            year.compare_with_whole(night, last)
    report(year, last, source)
    year.figures.judged_anew = nights.judged_anew
    expected = [one for one in plan.changes if any(one in plan.shown(night) for night in range(length))]
    if year.figures.reported != len(expected):
        year.figures.wrong.append(f"{year.figures.reported} of {len(expected)} changes were reported")
    of = Counter(one.kind for one in plan.changes)
    where = Counter(one.place.contract.partition("/")[0] for one in plan.changes)
    year.figures.rows[:0] = [
        ("nights", f"{length}", f"{len(plan.blocked)} blocked, {len(plan.slow)} slow"),
        ("cases a night", f"{len(nights.cases):,}", f"{len(nights.by_contract):,} contracts"),
        ("judged", f"{nights.judged_anew:,} cases", "the others reused"),
        ("changes reported on their night", f"{year.figures.reported} of {len(expected)}", listed(of)),
        ("in", f"{len(where)} products", listed(where)),
        ("announced", f"{sum(one.is_announced for one in plan.changes)}", ""),
        ("classes", f"{sum(year.figures.classes.values())}", listed(year.figures.classes, "; ")),
        ("places in the ledger", f"{sum(1 for _ in year.ledger.every_place()):,}", ""),
    ]
    return year.figures


def listed(counts: Counter[str], between: str = ", ") -> str:
    """Return what was counted, in one line."""
    return between.join(f"{number} {name}" for name, number in sorted(counts.items()))


#: What the venue alters in the second of each three whole runs, and what must be reported of it.
DRIFT = {"kind": "drift", "method": "GET /eapi/v1/ticker", "remove": ["[].low"], "times": None}
DRIFTED = ("options/rest/GET.eapi.v1.ticker", "[].low", Kind.MISSING_FIELD)


def whole_runs(folder: Path, number: int, figures: Figures) -> None:
    """Run all of options against the venue, every second time one that drifts, and see what is new each time."""
    before: set[Any] = set()
    begin = time.perf_counter()
    for night in range(number):
        drifts = night % 3 == 1
        command = [sys.executable, "-m", "wireproof", "run", "--product", "options", "--no-html"]
        command += ["--reports", str(folder), *(["--fault", json.dumps(DRIFT)] if drifts else [])]
        status = subprocess.run(command, check=False, capture_output=True).returncode
        run = read_result(folder / "result.json")
        found = {(one.contract, one.path, one.kind): one for case in run.cases for one in case.lasting_findings}
        news, gone = found.keys() - before, before - found.keys()
        expected = ({DRIFTED} if drifts else set(), {DRIFTED} if night % 3 == 2 else set())
        if night and (news, gone) != expected:
            figures.wrong.append(f"whole run {night}: new {sorted(news)}, gone {sorted(gone)} (status {status})")
        said = run.recorded.get(found[DRIFTED].fingerprint, "") if drifts and DRIFTED in found else ""
        if drifts and "last seen" not in said:
            figures.wrong.append(f"whole run {night}: the ledger says {said!r} of what drifted")
        before = set(found)
    figures.seconds["whole runs"] += time.perf_counter() - begin
    figures.rows.append(("whole runs of options", f"{number}", "every third against a venue that drifts"))


def main() -> int:
    """Live through a year, print a table, and return 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reports", type=Path, nargs="?")
    parser.add_argument("--nights", type=int, default=365)
    parser.add_argument("--product", action="append")
    parser.add_argument("--full", type=int, default=3, help="whole runs against a venue that drifts")
    options = parser.parse_args()
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        figures = simulate(
            Path(scratch),
            options.reports,
            length=options.nights,
            products=set(options.product) if options.product else None,
        )
        if options.full:
            whole_runs(Path(scratch) / "whole", options.full, figures)
    for name, value, more in figures.rows:
        print(f"{name:<34}{value:>14}  {more}")
    spent = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in figures.seconds.items())
    print(f"{'time':<34}{time.perf_counter() - begin:>12.0f} s  {spent}")
    print(f"{'wrong':<34}{len(figures.wrong):>14}")
    for line in figures.wrong[:40]:
        print(f"  {line}")
    return 1 if figures.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
