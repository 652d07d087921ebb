"""What is said of private streams beside the verdicts of their events, when all is over.

Frames that no cause claimed and that are no documented events; events of a case that came again once it was judged;
events of one type that came out of order. A frame that can be told to be a documented event accuses that contract; one
that cannot, the only contract whose event did not come on its stream, or else the private stream as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.suite.events.event_ledger import BINARY, repeats
from wireproof.suite.judging.aside import aside_case, showable
from wireproof.suite.judging.strays import NOTICES, Strays, report_unfit, report_unknown
from wireproof.suite.vocabulary.monotonic import MessageOrder
from wireproof.wire.websocket.frames import Unfits, unfit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from wireproof.contract.model import Contract
    from wireproof.suite.events.event_frames import EventShapes
    from wireproof.suite.events.event_ledger import EventLedger, Provoked
    from wireproof.suite.judging.strays import AsideReports
    from wireproof.wire.websocket.user_stream import StreamEvent

SOURCE = "a private stream"


@dataclass
class PrivateStreams:
    """Reports on the private streams of a product."""

    reports: AsideReports
    ledgers: Sequence[EventLedger]
    shapes: EventShapes
    may_repeat: Collection[str]  # events that may come twice
    _unfits: dict[str, tuple[Contract, Unfits]] = field(default_factory=dict)

    def report(self) -> None:
        """List everything that must be said."""
        strays = Strays(SOURCE, self.shapes.known)
        for ledger in self.ledgers:
            for event in ledger.stream.received:
                if event not in ledger.claimed:
                    self._sort(ledger, event, strays)
            for provoked in ledger.causes:
                self._report_late(ledger, provoked)
        report_unknown(self.reports, [strays])
        for contract, unfits in self._unfits.values():
            report_unfit(self.reports, contract, [SOURCE], unfits)
        for name, contract in self.shapes.contracts.items():
            self._report_order(name, contract)

    def _sort(self, ledger: EventLedger, event: StreamEvent, strays: Strays) -> None:
        """Find out whose a frame is that no cause claimed."""
        if event.name in NOTICES:
            return
        frame = self.shapes.read(event)
        if frame.event_type:
            strays.keep(showable(frame.event_type), unfit(event.raw, event.received_at, frame.problem))
            if frame.name:
                strays.likest.setdefault(showable(frame.event_type), self.shapes.contracts[frame.name])
        elif problem := frame.problem or (BINARY if event.binary else ""):
            contract = self._contract_of(ledger, frame.name)
            _, unfits = self._unfits.setdefault(contract.id, (contract, Unfits()))
            unfits.take(unfit(event.raw, event.received_at, problem, binary=event.binary))

    def _contract_of(self, ledger: EventLedger, name: str) -> Contract:
        """Return which contract a frame accuses: of its event, else of the only one whose event did not come.

        On a stream where every awaited event came, it may be what did not come on the account of another.
        """
        if name:
            return self.shapes.contracts[name]
        shared = [one for other in self.ledgers for one in other.causes if not one.cause.listen_key]
        for causes in (ledger.causes, shared):
            lacking = {one.case.contract.id: one.case.contract for one in causes if one.is_lacking}
            if lacking:
                break
        if len(lacking) == 1:
            return next(iter(lacking.values()))
        return self.reports.connection

    def _report_late(self, ledger: EventLedger, provoked: Provoked) -> None:
        """List what came of a cause once its case was judged, and should not have come."""
        if provoked.repeats is None:
            return
        events, violations = ledger.late(provoked), []
        if provoked.watch.sequence:
            twice = repeats(ledger.documents(events)) - provoked.repeats
            if twice > 0 and not provoked.watch.may_repeat:
                violations.append(f"{twice} of {len(events)} {provoked.name} events came twice.")
        elif len(events) > len(provoked.events):
            late = len(events) - len(provoked.events)
            violations.append(f"{late} {provoked.name} came where none is documented.")
        case = provoked.case
        self._report(case.contract, f"{case.id.rpartition('/')[2]}/later", f"{case.title}: later", events, violations)

    def _report_order(self, name: str, contract: Contract) -> None:
        """List how the events of one type came out of order, or twice, on the connection that they came over."""
        monotonic = contract.monotonic
        order = MessageOrder(monotonic, may_repeat=name in self.may_repeat)
        events: list[StreamEvent] = []
        for ledger in self.ledgers:
            order.begin()
            for event in ledger.stream.received:
                frame = self.shapes.read(event)
                if frame.name == name and not frame.event_type:
                    order.take(event.raw, frame.document)
                    events.append(event)
        told = [*order.violations()] if monotonic else []
        self._report(contract, "order", "the order of its events", events, told)

    def _report(
        self, contract: Contract, name: str, title: str, events: Iterable[StreamEvent], violations: Sequence[str]
    ) -> None:
        if violations:
            received = [(event.raw, event.received_at) for event in events]
            self.reports.report(aside_case(contract, name, title), SOURCE, received, violations)
