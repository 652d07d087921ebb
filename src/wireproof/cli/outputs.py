"""What commands print as JSON, and the JSON Schemas that it follows. Imported by the commands that need it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal, get_origin

import msgspec
from msgspec import Struct

from wireproof.contract.audit.coverage import CoverageReport
from wireproof.contract.audit.lint import Score
from wireproof.contract.dated_changes import ChangeKind, DatedChange  # msgspec reads the annotations
from wireproof.contract.model import JsonScalar  # noqa: TC001
from wireproof.drift.offline import BatchError, Compared, Comparison
from wireproof.drift.proving.prove import ProofResult
from wireproof.ledger.suggesting import Suggestion
from wireproof.ledger.view import ContractHistory
from wireproof.manifest.affected import GateReport
from wireproof.manifest.client_manifest import Manifest
from wireproof.manifest.decoding import DecodeReport
from wireproof.pages.importer import ImportReport
from wireproof.pages.sdk.sdk_import import SdkReport
from wireproof.results.model import Observation, RunResult
from wireproof.results.replayed import ReplayReport
from wireproof.suite.diagnosis import Checkup
from wireproof.suite.planning.check import CheckReport
from wireproof.suite.planning.preview import Preview
from wireproof.torture.proof import Proof

if TYPE_CHECKING:
    from wireproof.contract.model import Contract

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class ListedContract(Struct, frozen=True, kw_only=True):
    """A contract as `wireproof contracts list` shows it."""

    id: str
    product: str
    surface: str
    name: str  # the documented name: method, verb and path, stream or event
    title: str
    docs_url: str
    retired: str  # since when; empty while the exchange has it
    examples: int
    cases: int

    @classmethod
    def of(cls, contract: Contract, examples: int, cases: int) -> ListedContract:
        """Return a contract with its counts."""
        return cls(
            id=contract.id,
            product=contract.product,
            surface=contract.surface.value,
            name=contract.name,
            title=contract.title,
            docs_url=contract.docs_url,
            retired=contract.retired,
            examples=examples,
            cases=cases,
        )


class PastIncident(Struct, frozen=True, kw_only=True):
    """An incident of the museum, as `wireproof venue --incidents` shows it."""

    name: str  # what --incident calls it
    title: str  # what happened, in a phrase
    since: str  # the day when it began
    until: str  # the day when it was over; empty while it is still so
    as_of: str  # the day whose behaviour is served; empty for today's
    products: list[str]
    what: str  # what happened, in sentences
    sees: list[str]  # what a client sees, a sentence each
    sources: list[str]  # where that can be read
    cases: str  # a -k expression of the cases that meet it


class Route(Struct, frozen=True, kw_only=True):
    """What the venue serves, as `wireproof venue --routes` shows it."""

    surface: str
    name: str
    depth: Literal["engine", "own model", "static", "not sent"]


class ListedChange(Struct, frozen=True, kw_only=True):
    """A dated change as `wireproof changes list` shows it. Dates are ISO 8601; what is not known is empty."""

    date: str  # since when it holds: in force, else announced, else seen by others
    state: Literal["coming", "early", "in force", "overdue", "unannounced"]  # today
    kind: ChangeKind
    contracts: tuple[str, ...]
    path: str
    before: JsonScalar
    after: JsonScalar
    announced: str
    in_force: str
    seen_by_others: str
    first_seen: dict[str, str]  # by target: the day on which wireproof first saw it there
    basis: str  # what shows it: change-log, sdk, comparison, wire
    environment: str  # the only target that it holds for
    kept: str  # why the contracts nevertheless say what was said before
    note: str
    links: tuple[str, ...]

    @classmethod
    def of(cls, change: DatedChange, contracts: tuple[str, ...], state: Any, seen: dict[str, str]) -> ListedChange:
        """Return a change of some of its contracts with what is known of it."""
        return cls(
            date=change.date,
            state=state,
            kind=change.kind,
            contracts=contracts,
            path=change.path,
            before=change.before,
            after=change.after,
            announced=change.announced,
            in_force=change.in_force,
            seen_by_others=change.seen,
            first_seen=seen,
            basis=change.basis,
            environment=change.environment,
            kept=change.kept,
            note=change.note,
            links=change.links,
        )


#: By the name that `wireproof schema` takes: what is printed or written (one of several), and where that happens.
OUTPUTS: dict[str, tuple[Any, str]] = {
    "result": (RunResult, "reports/result.json of `wireproof run` and `wireproof judge`"),
    "observation": (Observation, "a line of reports/observations.jsonl"),
    "plan": (Preview, "wireproof plan --json"),
    "compare": (Compared, "wireproof compare --json"),
    "compare-batch": ((Comparison, BatchError), "a line of wireproof compare --batch"),
    "contracts-list": (list[ListedContract], "wireproof contracts list --json"),
    "contracts-check": (CheckReport, "wireproof contracts check --json"),
    "changes": (list[ListedChange], "wireproof changes list --json"),
    "contracts-changes": (list[DatedChange], "wireproof contracts changes --json"),
    "contracts-coverage": (CoverageReport, "wireproof contracts coverage --json"),
    "contracts-lint": (list[Score], "wireproof contracts lint --json"),
    "replay": (ReplayReport, "wireproof replay --json"),
    "ledger": (ContractHistory, "wireproof ledger show --json"),
    "ledger-suggest": (list[Suggestion], "wireproof ledger suggest --json"),
    "pages": (ImportReport, "wireproof pages diff --json and pages import --json"),
    "sources-sdk": (SdkReport, "wireproof sources sdk --json"),
    "manifest": (Manifest, "the manifest of a client, as `wireproof uses` writes it"),
    "decode": (DecodeReport, "wireproof decode --json"),
    "gate": (GateReport, "wireproof gate --json"),
    "prove": (ProofResult, "wireproof prove --json"),
    "torture": (Proof, "wireproof torture --json FILE"),
    "doctor": (Checkup, "wireproof doctor --json"),
    "incidents": (list[PastIncident], "wireproof venue --incidents --json"),
    "routes": (list[Route], "wireproof venue --routes --json"),
}


def as_json(name: str, value: Any) -> bytes:
    """Return a value as indented JSON."""
    assert name in OUTPUTS
    return msgspec.json.format(msgspec.json.encode(value), indent=2)


def schema(name: str) -> bytes:
    """Return the JSON Schema of an output as indented JSON."""
    kind, where = OUTPUTS[name]
    kinds = kind if isinstance(kind, tuple) else (kind,)
    each, shared = msgspec.json.schema_components(kinds, schema_hook=_counts, ref_template="#/$defs/{name}")
    said = {"$schema": DIALECT, "title": name, "description": f"What is in {where}."}
    document = {**said, **(each[0] if len(each) == 1 else {"anyOf": each}), "$defs": shared}
    return msgspec.json.format(msgspec.json.encode(document), indent=2)


def _counts(kind: type) -> dict[str, Any]:
    assert (get_origin(kind) or kind) is Counter
    return {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}}
