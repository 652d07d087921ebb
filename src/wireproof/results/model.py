"""What a run leaves: observations, and the result of each case. Reports read this and nothing else."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from wireproof.drift.baseline import Gone  # noqa: TC001  # msgspec reads annotations when it decodes
from wireproof.drift.finding import Finding, Severity, Verdict
from wireproof.drift.seen_fields import Sight, UnseenField  # noqa: TC001  # msgspec reads annotations when it decodes


class Misfits(Struct, kw_only=True):
    """What came and is not as the protocol wants it, whatever it holds: the kind of its finding, in words.

    Frames that fit nothing that was asked for, fields beside the documented envelope, fields of an event that say
    otherwise than it was done: then `path` says where, and `expected` what was. And what a request costs.
    """

    kind: str
    sentence: str
    count: int = 1
    of: int = 1
    path: str = ""
    expected: str = ""
    value: str = ""  # what came, where the value is the deviation: a weight
    harmless: bool = False  # whether it is something new at most: a weight that is lower than documented


class Observation(Struct, kw_only=True, omit_defaults=True):
    """What went out and what came back in one case. Redacted; times in epoch milliseconds."""

    case: str
    contract: str
    example: str = ""  # which documented example the answer is compared with; empty for a rejection
    expect_status: int = 200
    expect_codes: tuple[int, ...] = ()  # documented error codes; empty for a success
    request: str = ""  # the frame (WebSocket API) or request line and body (REST) as sent
    response: str | None = None  # as received; None when nothing came
    status: int | None = None
    headers: dict[str, str] | None = None  # of an HTTP answer, those that are documented; None: not observed
    sent_at: float | None = None
    received_at: float | None = None
    fate: str = ""  # what became of the orders of a request whose answer leaves it open, in sentences
    violations: tuple[str, ...] = ()  # protocol rules that were broken around this answer (answered twice, ...)
    silence: str = ""  # of a stream that sent nothing while a witness moved: the witness, in words
    event_type: str = ""  # of messages that fit no contract: their type, or what stands for it
    misfits: tuple[Misfits, ...] = ()  # of a stream: frames that fit nothing, and envelopes that are not as documented
    addressed: dict[str, str] = field(default_factory=dict)  # of a stream: what says whose a message is, by path
    aside: bool = False  # of no planned case: said once of a stream or a connection as a whole
    messages: tuple[
        str, ...
    ] = ()  # of a stream or a cause: what came, as received, the first few; response is the last
    as_of: str = ""  # the day as of which contracts were taken, ISO 8601; empty: as they are
    attempt: int = 1  # above 1 where the case was exercised again to confirm a difference


class WaivedFinding(Struct, kw_only=True, omit_defaults=True):
    """A finding that a waiver tolerates."""

    finding: Finding
    reason: str
    link: str
    expires: str


class BaselineFinding(Struct, kw_only=True):
    """A finding that the baseline knows."""

    finding: Finding
    since: str  # the day on which it was taken into the baseline
    expires: str


class CaseResult(Struct, kw_only=True, omit_defaults=True):
    """The outcome of one case. `verdict` is None when it was skipped or not observed; then `reason` says why."""

    id: str
    contract: str
    product: str
    surface: str
    subject: str  # the documented name: method, verb and path, stream or event
    title: str
    docs_url: str
    kind: str  # "documented" (a documented variant), "rejection", "signature", "stream" or "event"
    verdict: Verdict | None = None
    reason: str = ""  # of blocked, broken, skipped and not observed
    may_be_silent: bool = False  # nothing came, and the contract says that this is normal
    findings: list[Finding] = field(default_factory=list)
    waived: list[WaivedFinding] = field(default_factory=list)
    baseline: list[BaselineFinding] = field(default_factory=list)  # known since the baseline of this target was taken
    unsteady: list[Finding] = field(default_factory=list)  # not seen again when the case was repeated
    fields: int = 0  # documented fields that the answer could show; 0 of a rejection
    unseen: list[UnseenField] = field(default_factory=list)  # documented places that it did not show
    observation: Observation | None = None
    repeats: list[Observation] = field(default_factory=list)  # what was observed when the case was repeated
    documented: Any = None  # the documented example, for display
    documented_when: str = ""
    private: bool = False
    aside: bool = False  # of no planned case: what is said once of a stream as a whole; it exercises no contract
    weight: int = 0
    requests: int = 0  # requests sent for this case, state included
    queued_at: float | None = None  # epoch milliseconds
    started_at: float | None = None
    ended_at: float | None = None

    @property
    def differs(self) -> bool:
        """Whether anything differs that no waiver gives a reason for."""
        return bool(self.findings or self.unsteady or self.baseline)

    @property
    def every_finding(self) -> list[Finding]:
        """All that differs: what counts, what is unsteady, and what a waiver or the baseline knows."""
        return [*self.lasting_findings, *self.unsteady]

    @property
    def lasting_findings(self) -> list[Finding]:
        """The same without what is unsteady."""
        known = [*(one.finding for one in self.waived), *(one.finding for one in self.baseline)]
        return [*self.findings, *known]


class Coverage(Struct, kw_only=True):
    """One row of the coverage table."""

    product: str
    surface: str
    documented: int  # contracts in the store
    exercised: int  # contracts with at least one case that was answered and judged
    conforming: int  # exercised contracts without any finding that is not waived; those of the baseline differ
    cases: int  # cases in the selection
    cases_exercised: int
    shown_empty: int = 0  # exercised contracts whose answers were hardly more than empty lists


class Idle(Struct, kw_only=True):
    """Contracts of the selected products that were not exercised, and why."""

    reason: str
    contracts: list[str]


class Blockage(Struct, kw_only=True, omit_defaults=True):
    """Why a host could not be judged."""

    host: str
    reason: str
    advice: str = ""
    cases: int = 0


class Strength(Struct, kw_only=True):
    """What a contract's examples can prove at all: the ceiling of what a run can say about it."""

    contract: str
    mutations: int  # sampled changes of its examples
    caught: int  # those that the comparison named rightly
    score: int  # 0 to 100, see `wireproof contracts lint`
    hidden: tuple[str, ...] = ()  # what the examples do not show


class Canaries(Struct, kw_only=True, omit_defaults=True):
    """Answers of one product and surface that the run altered itself, and judged like its own; 0 where none could be.

    `missed` says of each that was not found what was altered where.
    """

    product: str
    surface: str
    altered: int = 0
    found: int = 0
    missed: tuple[str, ...] = ()


class Machine(Struct, kw_only=True, omit_defaults=True):
    """How slow this machine and the target were during a run, in milliseconds."""

    worst_stall_ms: float = 0.0  # the longest time that the event loop was not served
    stalled_ms: float = 0.0  # all such times together
    round_trip_ms: float = 0.0  # that nine of the last ten stayed below


class LimitPool(Struct, kw_only=True):
    """Request weight that a run used of the limits that some products share, at its peak and as allowed."""

    name: str
    peak_per_minute: int
    limit_per_minute: int


class StandingClass(StrEnum):
    """What a difference is, by documentation, testnet, live and the last good night; see `ledger.finding_standing`."""

    REGRESSION = "regression"
    ROLLBACK = "rollback"
    TESTNET_AHEAD = "testnet ahead"
    TESTNET_BEHIND = "testnet behind"
    DOCUMENTATION_STALE = "documentation stale"
    DOCUMENTATION_AHEAD = "documentation ahead"
    LOCAL = "local venue"
    UNTOLD = "cannot be told"


UNANNOUNCED = "unannounced"


class FindingStanding(Struct, kw_only=True, omit_defaults=True):
    """How a difference stands to the documentation, the two targets, earlier nights and what was announced."""

    fingerprint: str
    contract: str
    path: str
    kind: str
    severity: Severity
    standing: StandingClass
    announcement: str  # announced, early, not in force yet, overdue, seen by others, unannounced
    documentation: str = ""  # what is documented, in a few words
    testnet: str = ""  # what came, `as documented (2026-11-21)`, `unknown (never answered it)`, `not there`
    live: str = ""
    last_good: str = ""  # the last night of this target that had it as documented; `never`, `first night`
    since: str = ""  # the day on which this target first showed it
    reason: str = ""  # why it has its class, or why none can be told
    change: str = ""  # the kind of the dated change that it is, if it is one
    change_path: str = ""
    announced: str = ""  # when that was announced, came into force, and was seen by others
    in_force: str = ""
    seen_by_others: str = ""
    link: str = ""

    @property
    def words(self) -> str:
        """Its class and how it was announced, in a few words; empty where neither says anything."""
        silent = {StandingClass.LOCAL, StandingClass.UNTOLD}
        if self.announcement == UNANNOUNCED:
            return "" if self.standing in silent else f"{self.standing}, {self.announcement}"
        return self.announcement if self.standing in silent else f"{self.standing}, {self.announcement}"


class RunResult(Struct, kw_only=True, omit_defaults=True):
    """A whole run. Times in epoch milliseconds."""

    run: str  # id: UTC time and random suffix
    version: str
    target: str  # local, testnet or live; as of another day with that day: local@2026-05-01
    endpoints: dict[str, str]
    as_of: str = ""  # the day as of which contracts were taken, ISO 8601; empty: as they are
    private_streams: dict[str, str] = field(
        default_factory=dict
    )  # by product: `POST <listen key> <what the key follows>`
    titles: dict[str, str] = field(default_factory=dict)  # of the products in it; what has none goes by its name
    elsewhere: list[str] = field(default_factory=list)  # hosts that the environment named instead of the known ones
    fail_on: Severity = Severity.BREAKING
    started_at: float = 0.0
    ended_at: float = 0.0
    wire_ms: float = 0.0  # first request to last answer
    weight: int = 0
    requests: int = 0
    limit_pools: list[LimitPool] = field(default_factory=list)
    selected: int = 0  # cases in the selection
    exercised: int = 0
    skipped: int = 0
    silent: int = 0  # cases of streams on which nothing came, which their contracts call normal
    excluded: dict[str, int] = field(default_factory=dict)  # reason -> cases left out of the selection by policy
    cases: list[CaseResult] = field(default_factory=list)
    coverage: list[Coverage] = field(default_factory=list)
    blocked: list[Blockage] = field(default_factory=list)
    waivers_expired: list[str] = field(default_factory=list)  # one sentence each
    waivers_stale: list[str] = field(default_factory=list)
    baseline_expired: list[str] = field(default_factory=list)  # one sentence for each day
    baseline_gone: list[Gone] = field(default_factory=list)  # differences of the baseline that did not come any more
    leftovers: list[str] = field(default_factory=list)  # state of an earlier crash that was removed
    not_cleaned: list[str] = field(default_factory=list)  # state that could not be undone
    notes: list[str] = field(default_factory=list)
    strength: list[Strength] = field(default_factory=list)  # of each contract in the selection
    sights: list[Sight] = field(default_factory=list)  # of each contract that was answered: documented fields seen
    idle: list[Idle] = field(default_factory=list)  # why the other contracts were not exercised
    canaries: list[Canaries] = field(default_factory=list)  # of each product and surface that was exercised
    standings: list[FindingStanding] = field(default_factory=list)  # of each difference that lasts, once
    doubts: list[str] = field(default_factory=list)  # of a merged run: why it cannot be good, a sentence each
    observed_in: list[str] = field(default_factory=list)  # ids of other runs, whose observations these are
    observed_at: float = 0.0  # when the first of them started
    recorded: dict[str, str] = field(default_factory=dict)  # what the ledger says of differences, by fingerprint
    machine: Machine | None = None  # None for a run that sent nothing
    exit_status: int = 0

    def title_of(self, product: str) -> str:
        """Return what people call a product; its name where the run has no titles, as an older one."""
        return self.titles.get(product, product)
