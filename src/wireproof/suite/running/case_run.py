"""One case on its account: its state is prepared, its request sent or its event triggered, and what came is judged."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec import structs

from wireproof.contract.model import Surface
from wireproof.errors import BlockedError
from wireproof.recognition import recognise
from wireproof.suite.events.event_feed import FOREIGN_KEY
from wireproof.suite.events.exercise import WAITS_ON_STREAM, provoke
from wireproof.suite.events.stream_life import DeadStreamError
from wireproof.suite.judging.aside import private_stream_case
from wireproof.suite.judging.message_batches import observation_of_messages
from wireproof.suite.judging.observations import observation_of
from wireproof.suite.judging.statements import is_about, may_repeat, may_repeat_after_drop, no_statement
from wireproof.suite.planning.cases import DEAREST_FAULT, WatchedCase
from wireproof.suite.planning.costs import cost_of
from wireproof.suite.running.fate import fate_of
from wireproof.suite.running.post_checks import POST_CHECKS
from wireproof.suite.running.transport import RestTransport, Transport, WsApiTransport
from wireproof.suite.state.account import RefusedError, requests_sent
from wireproof.suite.state.conditions import ConditionNotMetError, is_of_the_market, prepared_again
from wireproof.suite.state.drops import StreamEndedError, over_drops
from wireproof.suite.state.given import contradiction
from wireproof.suite.state.moved import unmet
from wireproof.suite.state.preparing import prepare
from wireproof.suite.vocabulary.needs import rows
from wireproof.suite.vocabulary.placeholders import resolve
from wireproof.wire.failures import BlockKind, NoAnswerError, TargetBlockedError, UnmatchedAnswerError, WireError
from wireproof.wire.trouble import patiently

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from wireproof.results.model import Observation
    from wireproof.suite.judging.statements import NoStatement
    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.running.product_context import ProductContext
    from wireproof.suite.state.account import Account
    from wireproof.suite.state.scene import Scene
    from wireproof.wire.limits import Cost
    from wireproof.wire.reply import Reply


class CaseRun:
    """Runs one case and writes its result; whatever goes wrong becomes its verdict."""

    def __init__(self, product: ProductContext, case: PlannedCase, account: Account) -> None:
        self.product, self.case, self.account = product, case, account
        self.context, self.state, self.target = product.context, product.context.state, product.context.target
        self.result = self.state.results[case.id]

    async def run(self) -> None:
        """Exercise the case, several times where its state did not come about."""
        self.product.accounts_of[self.case.id] = self.account
        counter = [0]
        requests_sent.set(counter)
        self.result.started_at = time.time() * 1000
        began = asyncio.get_running_loop().time()
        try:
            await self._exercise()
        except (asyncio.CancelledError, Exception) as error:
            excuse = self.context.delay.excuse(began) if isinstance(error, NoAnswerError) else ""
            self.state.record(self.context.failure_of(error, excuse=excuse), [self.case])
            if isinstance(error, asyncio.CancelledError):
                raise
        finally:
            self.result.requests = counter[0]
            self.state.requests += counter[0]
            self.result.ended_at = time.time() * 1000
            self.state.settle(self.case)

    async def _exercise(self) -> None:
        case, account = self.case, self.account
        needs = rows(case.needs)
        if account.foreign_listen_key and any(need.listen_key for need in needs):
            raise BlockedError(FOREIGN_KEY)
        for need in needs:
            if need.depends_on in account.unknown:
                raise account.unknown[need.depends_on]
        used: set[str] = set()

        async def attempt(number: int) -> None:
            if number > 1:
                await self.product.changes.make_way(case, account)
            scene = self.product.scene(case, account, AsyncExitStack())
            scene.fresh, scene.avoid = number > 1 or self.state.is_repeating(case), frozenset(used)
            try:
                await (self._provoke(scene) if isinstance(case, WatchedCase) else self._ask(scene))
            finally:
                used.update({scene.symbol} if "symbol" in scene.state else ())

        await prepared_again(lambda number: over_drops(case, lambda: attempt(number)), self._unmet_condition)

    def _unmet_condition(self, error: BlockedError) -> str | None:
        """Return why an error says that a condition of a case did not come about; None when it says something else."""
        met = not isinstance(error, ConditionNotMetError)
        if met and not (isinstance(error, RefusedError) and is_of_the_market(error, self.product.changes.error_names)):
            return None
        return self.target.redactor.text(str(error)).rstrip(".")

    async def _ask(self, scene: Scene) -> None:
        """Send a case's own request and judge the answer; its state is undone before the verdict."""
        case, account = scene.case, scene.account
        async with scene.stack:
            await prepare(scene)
            transport = await self._transport_of(scene)
            params = resolve(case.params, scene.state)
            cost = cost_of(case.contract, params)
            self.result.weight = cost.weight
            try:
                reply = scene.reply = await self._send(scene, transport, params, cost)
            except UnmatchedAnswerError as unmatched:
                self._judge_unmatched(unmatched)
                return
            said = no_statement(case, reply.status, reply.raw, local=self.target.is_venue)
            if said is not None:
                fate = await self._fate_of(scene, params, reply)
                self._say_nothing(reply, said, fate)
                return
            if scene.succeeded:
                self.product.weighing.offer(case, cost, lambda: transport.send(scene, params, cost))
            if cost.weight > DEAREST_FAULT:
                account.dear_answers[case.contract.name] = reply.raw
            if why := await unmet(scene, reply, self.product.changes.error_names):
                raise ConditionNotMetError(why)
            if not scene.answered_as_wanted:
                error = recognise(reply.status, reply.raw).error
                if why := await contradiction(scene.given, error, self.product.changes.error_names):
                    raise ConditionNotMetError(why)
            unkept = [sentence for name in case.proves for sentence in await POST_CHECKS[name](scene)]
        if case.contract.surface is Surface.WS_API:
            await asyncio.sleep(self.context.second_answer_seconds)
        self._judge(replace(reply, violations=(*transport.violations_of(reply), *unkept)))

    async def _send(self, scene: Scene, transport: Transport, params: Mapping[str, Any], cost: Cost) -> Reply:
        """Send a case's own request; one that changes nothing again while the service is in trouble.

        Of others, only one whose timestamp was refused for coming too late is sent again. Where there is no answer,
        what became of its orders is a note of the error.
        """
        case, reads = scene.case, may_repeat(scene.case)
        scene.account.has_changed |= case.changes_state
        try:
            return await patiently(
                lambda: transport.send(scene, params, cost),
                case.contract.name,
                health=transport.health,
                repeatable=reads,
                only_late=not reads,
                after_drop=may_repeat_after_drop(case),
                is_expected=lambda told: is_about(case, told),
            )
        except (TargetBlockedError, WireError) as error:
            in_doubt = isinstance(error, WireError) or error.kind is BlockKind.MAINTENANCE
            if in_doubt and (fate := await self._fate_of(scene, params)) and fate not in str(error):
                error.add_note(fate)
            raise

    async def _fate_of(self, scene: Scene, params: Mapping[str, Any], reply: Reply | None = None) -> str:
        return await fate_of(scene, params, reply, second_look=self.context.second_look_seconds)

    def _say_nothing(self, reply: Reply, said: NoStatement, fate: str) -> None:
        """Keep an answer that says nothing about its contract, why it does not, and what became of its orders."""
        self.state.note_times(reply)
        self.result.observation = observation_of(self.case, reply, self.target, fate=fate)
        self.state.fail(self.case, said.verdict, self.target.redactor.text(f"{said.reason} {fate}".rstrip()))

    async def _provoke(self, scene: Scene) -> None:
        """Trigger an event and judge it; its cause is undone before the verdict."""
        case, result, product = scene.case, self.result, self.product
        if scene.account in product.silent_accounts:
            raise BlockedError(WAITS_ON_STREAM)
        async with scene.stack:
            await prepare(scene)
            stream, listen_key = scene.user_stream, scene.listen_key
            if stream is None:
                stream, listen_key = await product.feeds[scene.account].open()
            ledger = product.ledger_of(stream)
            try:
                provoked = await provoke(
                    scene,
                    ledger,
                    listen_key,
                    delivered=any(one.received for one in product.connections.user_streams),
                    redact=self.target.redactor.frame,
                )
            except DeadStreamError as dead:
                self._report_dead(dead)
                raise BlockedError(WAITS_ON_STREAM) from None
            except StreamEndedError:
                if scene.user_stream is None:
                    product.feeds[scene.account].give_up(stream)
                raise
        received = [(event.raw, event.received_at) for event in provoked.events]
        result.observation = observation_of_messages(
            case, provoked.cause.words, received, self.target, violations=provoked.violations, began=result.started_at
        )
        result.observation.misfits = provoked.misfits
        bodies = [raw for raw, _ in received]
        judge = self.context.judge
        judge.settle(result, judge.messages(case.contract, result.observation, bodies))

    def _report_dead(self, dead: DeadStreamError) -> None:
        """Say once that a private stream delivers nothing; the cases of its account wait on it."""
        account = self.account
        self.product.silent_accounts.append(account)
        case = private_stream_case(self.context.store, self.product.product.product)
        asked = f"the private stream of {account.name}"
        observation = observation_of_messages(case, asked, [], self.target, violations=(), began=self.result.started_at)
        observation.silence = self.target.redactor.text(str(dead))
        self.state.report_aside(case, observation, self.context.judge, [])

    async def _transport_of(self, scene: Scene) -> Transport:
        if scene.case.contract.surface is Surface.REST:
            return RestTransport(scene.account.rest)
        if scene.case.session == "logged-on":
            return WsApiTransport(await self.product.connections.logged_on(scene.account))
        return WsApiTransport(scene.session or scene.account.ws_api())

    def _judge(self, reply: Reply) -> None:
        """Compare the whole answer; what is kept of it is redacted."""
        self.state.note_times(reply)
        self._settle(observation_of(self.case, reply, self.target), reply.raw)

    def _judge_unmatched(self, error: UnmatchedAnswerError) -> None:
        """Judge what came with ids that nobody sent in place of an answer: the protocol is broken, nothing compared."""
        reply = replace(error.sent, violations=(error.sentence,))
        fate = " ".join(getattr(error, "__notes__", ()))
        observed = observation_of(self.case, reply, self.target, fate=fate)
        self._settle(structs.replace(observed, response=None), b"")

    def _settle(self, observation: Observation, body: bytes) -> None:
        judge, self.result.observation = self.context.judge, observation
        judge.settle(self.result, judge.findings(self.case.contract, observation, body))
