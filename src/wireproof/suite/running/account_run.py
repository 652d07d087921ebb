"""The cases of one account: those that share its state side by side, those that change it one mode at a time."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from wireproof.errors import BlockedError, WireproofError
from wireproof.suite.events.event_feed import EventFeed
from wireproof.suite.running.assignment import urgency
from wireproof.suite.running.case_run import CaseRun
from wireproof.suite.running.product_accounts import check_one_answer
from wireproof.suite.tasks import run_together
from wireproof.suite.vocabulary.needs import NEEDS, rows
from wireproof.wire.failures import WireError

if TYPE_CHECKING:
    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.running.product_context import ProductContext
    from wireproof.suite.state.account import Account


class AccountRun:
    """Runs cases of one product on one account."""

    def __init__(self, product: ProductContext, account: Account) -> None:
        self.product, self.account = product, account

    async def run(self, cases: list[PlannedCase]) -> None:
        """Run the cases that the account may run beside other accounts, mode by mode."""
        plain = [case for case in cases if not case.account_wide]
        plain.sort(key=urgency)
        # Before orders make the limiter wait: what runs out within seconds, and what is looked at while it is prepared.
        hasty = [
            case for case in plain if any(need.perishable for need in rows(case.needs)) or "scarce" in case.own_marks
        ]
        await self.together(hasty)
        await self.together([case for case in plain if case not in hasty])
        for name, need in NEEDS.items():
            in_mode = [case for case in cases if need.mode and name in case.needs]
            if in_mode:
                await self.run_in_mode(need.mode, in_mode)

    async def run_settings(self, cases: list[PlannedCase]) -> None:
        """Run the cases that change a setting of the whole account, one after the other."""
        for case in cases:
            if any(need.setting for need in rows(case.needs)):
                await self.together([case])

    async def together(self, cases: list[PlannedCase]) -> None:
        """Run cases of one account at once; those of events share a private stream until the last of them is over.

        Events that need a private stream of their own come after: they need the account's listen key, too, and by then
        it is known whether its private streams deliver anything.
        """
        events = [case for case in cases if case.kind == "event"]
        own = [case for case in events if "user_stream" in case.needs]
        sharing = [case for case in events if case not in own]
        alone = [CaseRun(self.product, case, self.account).run() for case in cases if case not in events]
        await run_together([*alone, self._run_on_feed(sharing)])
        await run_together(CaseRun(self.product, case, self.account).run() for case in own)

    async def _run_on_feed(self, cases: list[PlannedCase]) -> None:
        product, account = self.product, self.account
        new_stream, on_listen_key = product.connections.new_user_stream, product.changes.on_listen_key
        feed = product.feeds[account] = EventFeed(account, new_stream, on_listen_key)
        try:
            await run_together(CaseRun(self.product, case, self.account).run() for case in cases)
        finally:
            try:
                await feed.close()
            except (WireproofError, OSError) as error:
                words = product.context.target.redactor.text(str(error))
                product.context.state.not_cleaned.append(f"the listen key of {account.name}: {words}")

    async def run_in_mode(self, mode: str, cases: list[PlannedCase]) -> None:
        """Run cases in a mode of the account that is off otherwise, and switch it off again."""
        account, changes, state = self.account, self.product.changes, self.product.context.state
        target = self.product.context.target
        async with AsyncExitStack() as after:
            try:
                if mode in account.unknown:  # nothing is sent, so that there is nothing to set back
                    raise account.unknown[mode]
                after.push_async_callback(changes.set_back, account, mode)
                await changes.switch(account, mode, on=True)
            except (BlockedError, WireError) as error:
                check_one_answer(error)
                words = target.redactor.text(str(error)).rstrip(".")
                reason = f"{account.name} could not be switched to {mode} mode: {words}."
                state.block(target.name, reason, "", cases)
                return
            await self.together(cases)
