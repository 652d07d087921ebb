"""Which cases there are: documented variants, generated rejections, and signature variants of every contract."""

from __future__ import annotations

import time
import zlib
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, structs

from wireproof.contract.model import Case, Contract, Expectation, Request, Security, Surface, Watch
from wireproof.errors import ContractFileError, did_you_mean
from wireproof.results.model import CaseResult
from wireproof.suite.planning import rejections
from wireproof.suite.products.registry import in_order
from wireproof.suite.vocabulary.causes import CAUSES, cause_kind
from wireproof.suite.vocabulary.marks import CASE_MARKS, inherited
from wireproof.suite.vocabulary.needs import KEY_TYPES, key_type_of, rows
from wireproof.suite.vocabulary.placeholders import check_placeholders
from wireproof.suite.vocabulary.stream_names import missing_params

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from wireproof.contract.model import Product
    from wireproof.contract.store import Store

CaseKind = Literal["documented", "rejection", "signature", "stream", "event"]

#: Requests that open, change or close orders. On live they are sent only when trading is asked for by name.
TRADING = frozenset({Security.TRADE})

#: Surfaces that the suite sends today.
SENDABLE = frozenset({Surface.WS_API, Surface.REST})

#: Surfaces on which messages come unasked.
WATCHED = frozenset({Surface.STREAM, Surface.EVENT})

#: A REST request of more weight than this is not sent with every kind of key, with another kind, or with a fault.
DEAREST_EVERY_KEY, DEAREST_VARIANT, DEAREST_FAULT = 1, 10, 5


class PlannedCase(Struct, frozen=True, kw_only=True):
    """A case of the selection, ready to be sent once its state is there."""

    id: str
    contract: Contract
    title: str
    kind: CaseKind
    example: str = ""  # documented example to compare with; empty for a rejection
    needs: tuple[str, ...] = ()
    params: dict[str, Any] = {}
    expect: Expectation | None = None
    proves: tuple[str, ...] = ()
    omit: tuple[str, ...] = ()  # of apiKey, timestamp, signature: left out of the request
    tamper: rejections.Tamper = ""  # how the request is made wrong once its parameters are known
    key_type: str = ""  # HMAC, RSA or ED25519 when only that kind of key will do
    session: Literal["shared", "logged-on"] = "shared"  # logged-on: no apiKey and signature in the request
    in_body: bool = False  # REST: the parameters travel in the body instead of the query string
    own_marks: tuple[str, ...] = ()  # of the contract file: irreversible, real_money, not_on_testnet

    @property
    def private(self) -> bool:
        """Whether the case needs a key."""
        request = self.contract.of(Request)
        return request.security.needs_key or bool(self.key_type) or any(not need.public for need in rows(self.needs))

    @property
    def trading(self) -> bool:
        """Whether the case places, changes or cancels orders, itself or through the state it needs."""
        request = self.contract.of(Request)
        return (request.security in TRADING and request.method != "GET") or any(
            need.trades for need in rows(self.needs)
        )

    @property
    def changes_state(self) -> bool:
        """Whether the case changes anything on the account: its orders, a setting, or its listen key."""
        request = self.contract.of(Request)
        writes = request.method in {"POST", "PUT", "DELETE"} and request.security.needs_key
        return self.trading or self.account_wide or writes or request.security is Security.USER_STREAM

    @property
    def account_wide(self) -> bool:
        """Whether the case changes a setting of the whole account."""
        return any(need.account_wide for need in rows(self.needs))

    @property
    def scripted(self) -> bool:
        """Whether the case needs a controllable market, which only the local venue has."""
        return any(need.venue_market for need in rows(self.needs))

    @property
    def marks(self) -> tuple[str, ...]:
        """Names of the pytest marks of this case."""
        marks = ["private" if self.private else "public", self.kind]
        marks += ["trading"] if self.trading else []
        marks += ["account_wide"] if self.account_wide else []
        marks += ["needs_position"] if any(need.position for need in rows(self.needs)) else []
        return (*marks, *(mark for mark in self.own_marks if mark not in marks))


class WatchedCase(PlannedCase, frozen=True, kw_only=True):
    """A case of a stream, or of a user-data event that has to be provoked."""

    watch: Watch = Watch()

    @property
    def private(self) -> bool:
        """Whether the case needs a key."""
        return self.kind == "event"

    @property
    def trading(self) -> bool:
        """Whether the case places, changes or cancels orders, itself or through the state it needs."""
        return cause_kind(self.watch.cause).trades or any(need.trades for need in rows(self.needs))

    @property
    def scripted(self) -> bool:
        """Whether the case needs a controllable market, which only the local venue has."""
        return cause_kind(self.watch.cause).venue_market or super().scripted

    @property
    def changes_state(self) -> bool:
        """Whether the case changes anything on the account: at least its listen key is started."""
        return self.kind == "event"


def cases_of(contract: Contract, product: Product) -> list[PlannedCase]:
    """Return every case of a contract in a stable order: documented variants, signatures, rejections.

    A retired contract has only the written ones, which see whether the exchange still has it.
    """
    if contract.surface in WATCHED:
        return [_watched(contract, case) for case in contract.cases]
    if contract.surface not in SENDABLE or not contract.cases:
        return []
    written = [_written(contract, case) for case in contract.cases]
    if contract.retired:
        return written
    return [
        *written,
        *_signature_variants(contract),
        *_generated(contract, product),
    ]


def plan_cases(store: Store, contracts: Iterable[Contract]) -> list[PlannedCase]:
    """Return the cases of the given contracts, checked: unique ids, known examples, needs and placeholders.

    Raises ContractFileError naming the file and the case.
    """
    planned: dict[str, PlannedCase] = {}
    for contract in contracts:
        for case in cases_of(contract, store.products[contract.product]):
            if case.id in planned:
                raise ContractFileError(store.file_of(contract), f"case id {case.id!r} is used twice.")
            _check(case, store)
            planned[case.id] = case
    return list(planned.values())


def _written(contract: Contract, case: Case) -> PlannedCase:
    return PlannedCase(
        id=f"{contract.id}/{case.id}",
        contract=contract,
        title=case.title,
        kind="rejection" if case.expect else "documented",
        example="" if case.expect else case.example or contract.examples[0].name,
        needs=case.needs,
        params=case.params,
        expect=case.expect,
        proves=case.proves,
        key_type=key_type_of(case.needs),
        own_marks=case.marks,
    )


def _watched(contract: Contract, case: Case) -> WatchedCase:
    return WatchedCase(
        id=f"{contract.id}/{case.id}",
        contract=contract,
        title=case.title,
        kind="event" if contract.surface is Surface.EVENT else "stream",
        example=case.example or (contract.examples[0].name if contract.examples else ""),
        needs=case.needs,
        params=case.params,
        proves=case.proves,
        own_marks=case.marks,
        watch=case.watch or Watch(),
    )


def _signature_variants(contract: Contract) -> Iterator[PlannedCase]:
    """Yield the documented case that needs least state again, with each kind of key and on a logged-on session."""
    request = contract.of(Request)
    if not request.security.is_signed or request.security is Security.SIGNED:
        return
    documented = [case for case in contract.cases if case.expect is None]
    if not documented:
        return
    plain = _written(contract, min(documented, key=lambda case: len(case.needs)))
    weight = request.weight.of(plain.params)
    if weight > DEAREST_VARIANT or "irreversible" in plain.own_marks or any(need.dear for need in rows(plain.needs)):
        return
    for key_type in (
        KEY_TYPES if contract.surface is Surface.WS_API or weight <= DEAREST_EVERY_KEY else _one_of(contract)
    ):
        yield _variant(plain, f"signed-by/{key_type.lower()}", f"signed with an {key_type} key", key_type=key_type)
    if contract.surface is Surface.WS_API:
        title = "on a logged-on session, without key and signature"
        yield _variant(plain, "signed-by/session", title, key_type="ED25519", session="logged-on")
    elif request.method != "GET":
        yield _variant(plain, "sent-in/body", "with its parameters in the body", in_body=True)


def _one_of(contract: Contract) -> tuple[str]:
    """Return one kind of key; which one depends on the contract's id and nothing else."""
    return (KEY_TYPES[zlib.crc32(contract.id.encode()) % len(KEY_TYPES)],)


def _variant(case: PlannedCase, name: str, title: str, **changes: Any) -> PlannedCase:
    named = {"id": f"{case.contract.id}/{name}", "title": f"{case.title}, {title}", "kind": "signature"}
    return structs.replace(case, **named, **changes)


def _generated(contract: Contract, product: Product) -> Iterator[PlannedCase]:
    request = contract.of(Request)
    if contract.surface is Surface.REST and request.weight.of(contract.base) > DEAREST_FAULT:
        return
    for rejection in rejections.generate(contract, product):
        yield PlannedCase(
            id=f"{contract.id}/rejects/{rejection.name}",
            contract=contract,
            title=rejection.title,
            kind="rejection",
            needs=contract.base_needs,
            params=rejection.params,
            expect=rejection.expect,
            omit=rejection.omit,
            tamper=rejection.tamper,
            key_type=key_type_of(contract.base_needs),
            own_marks=inherited(mark for case in contract.cases for mark in case.marks),
        )


def _check(case: PlannedCase, store: Store) -> None:
    """Refuse a case that could not be sent or compared."""
    file = store.file_of(case.contract)
    if case.example and case.example not in {example.name for example in case.contract.examples}:
        known = ", ".join(example.name for example in case.contract.examples) or "none"
        raise ContractFileError(file, f"case {case.id!r} names example {case.example!r}; there are: {known}.")
    if case.kind == "documented" and not case.contract.examples:
        raise ContractFileError(file, f"case {case.id!r} has no documented example to compare with.")
    if case.contract.retired and (case.expect is None or case.contract.of(Request).method != "GET"):
        problem = f"case {case.id!r} is of a contract that is retired since {case.contract.retired}."
        raise ContractFileError(file, problem, hint='Only a GET that expects a status ("expect") may be sent.')
    for mark in case.own_marks:
        if mark not in CASE_MARKS:
            problem = f"case {case.id!r} has the mark {mark!r}, which does not exist."
            raise ContractFileError(file, problem, hint=did_you_mean(mark, CASE_MARKS))
    if isinstance(case, WatchedCase):
        _check_cause(case, file)
        if missing := missing_params(case.contract.params, case.params):
            problem = f"case {case.id!r} leaves out what its stream's name needs: {', '.join(missing)}."
            raise ContractFileError(file, problem)
    check_placeholders(file, case.id, case.params, case.needs)


def _check_cause(case: WatchedCase, file: Path) -> None:
    """Refuse a cause that does not exist, or that no stream can have."""
    known = [name for name, kind in CAUSES.items() if case.kind == "event" or kind.stream_needs is not None]
    cause = case.watch.cause
    if cause not in known and (cause or case.kind == "event"):
        what = "does not exist" if cause not in CAUSES else "a stream cannot have"
        problem = f"case {case.id!r} names the cause {cause!r}, which {what}."
        raise ContractFileError(file, problem, hint=did_you_mean(cause, known))
    if case.kind == "event" and cause_kind(cause).venue_market and "venue_only" not in case.own_marks:
        problem = f"case {case.id!r} names the cause {cause!r}, which only the local venue can carry out."
        raise ContractFileError(file, problem, hint='Give the case the mark "venue_only".')


def by_product(cases: Iterable[PlannedCase]) -> dict[str, list[PlannedCase]]:
    """Return the cases of each product, in the order in which the products run."""
    cases = list(cases)
    grouped: dict[str, list[PlannedCase]] = {
        product: [] for product in in_order(case.contract.product for case in cases)
    }
    for case in cases:
        grouped[case.contract.product].append(case)
    return grouped


def blank_result(case: PlannedCase) -> CaseResult:
    """Return the result of a case that has not run."""
    contract = case.contract
    example = next((example for example in contract.examples if example.name == case.example), None)
    return CaseResult(
        id=case.id,
        contract=contract.id,
        product=contract.product,
        surface=contract.surface.value,
        subject=contract.name,
        title=case.title,
        docs_url=contract.docs_url,
        kind=case.kind,
        documented=example.response if example is not None else None,
        documented_when=example.when if example is not None else "",
        private=case.private,
        queued_at=time.time() * 1000,
    )
