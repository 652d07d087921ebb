"""What a run changes of whole accounts, modes above all: journaled before, set back after.

What keeps an account from a change, and was left by wireproof, is undone first.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from wireproof.errors import BlockedError, WireproofError
from wireproof.suite.products.registry import driver_of
from wireproof.suite.state.account import RefusedError
from wireproof.suite.state.conditions import OF_THE_STATE
from wireproof.suite.state.leftovers import set_mode, sweep
from wireproof.suite.vocabulary.needs import rows
from wireproof.wire.failures import WireError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from wireproof.contract.model import Product
    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.run_context import RunContext
    from wireproof.suite.state.account import Account

#: The pauses in seconds before something is tried again that wireproof's own order or position stood in the way of.
STATE_PAUSES = (0.3, 1.0)


class AccountChanges:
    """Changes modes of the accounts of one product, and remembers in the journal what has to be set back."""

    def __init__(self, context: RunContext, product: Product) -> None:
        self.context, self.product, self.driver = context, product, driver_of(product.product)
        self.error_names = {int(code): name for code, name in product.errors.items()}

    async def switch(self, account: Account, mode: str, *, on: bool) -> None:
        """Switch a mode; what keeps the account from it is undone first, where it is wireproof's."""
        assert account.credentials is not None
        if on != getattr(account, mode):  # what is set back needs no remembering, and no room for that
            self.remember_mode(account, mode)
        for pause in (*STATE_PAUSES, None):
            try:
                await set_mode(account, mode, on=on)
                break
            except RefusedError as error:
                if pause is None or self.error_names.get(error.code or 0) not in OF_THE_STATE:
                    raise
                await asyncio.sleep(pause)  # an order of wireproof's may be on its way out
                await self.tidy(account)
        if on == getattr(account, mode):
            self.context.journal.restored_mode(account.credentials.api_key, self.driver.journaled(mode))

    async def set_back(self, account: Account, mode: str, *, on: bool = False) -> None:
        """Switch a mode to what it was; where that fails, the run reports it as left behind."""
        try:
            await self.switch(account, mode, on=on)
        except (WireproofError, OSError) as error:
            words = self.context.target.redactor.text(str(error))
            self.context.state.not_cleaned.append(f"{mode} mode of {account.name}: {words}")

    async def make_way(self, case: PlannedCase, account: Account) -> None:
        """Before a case is prepared again: undo what is wireproof's, and set back what a case alone may set."""
        if account.credentials is None or not self.context.target.allow_trading:
            return
        with suppress(BlockedError, WireError):
            await self.tidy(account)
            if any(need.setting for need in rows(case.needs)):
                for mode in self.driver.modes:
                    await self.switch(account, mode, on=False)

    async def tidy(self, account: Account) -> None:
        """Undo what is left of wireproof's on an account, while no case holds a symbol of it."""
        if all(symbols.is_idle for symbols in account.leases.values()):
            local = self.context.target.name == "local"
            found = await sweep(account, self.context.journal, local=local, modes=False, keys=False)
            self.context.state.notes += [
                f"undone for a case that it kept from its state: {what}" for what in found.removed
            ]

    def _owner(self, account: Account) -> tuple[str, str]:
        """Return whose settings they are: the API key and the product."""
        assert account.credentials is not None
        return account.credentials.api_key, self.product.product

    def remember_mode(self, account: Account, mode: str) -> None:
        """Note what a mode is, before it is changed."""
        assert account.credentials is not None
        name = self.driver.journaled(mode)
        self.context.journal.changed_mode(account.credentials.api_key, name, before=getattr(account, mode))

    def remember_setting(self, account: Account, name: str, before: Mapping[str, Any]) -> None:
        """Note what sets a setting back, before it is changed."""
        self.context.journal.changed_setting(*self._owner(account), name, before)

    def forget_setting(self, account: Account, name: str, before: Mapping[str, Any]) -> None:
        """Note that a setting is what it was."""
        self.context.journal.restored_setting(*self._owner(account), name, before)

    def on_listen_key(self, listen_key: str) -> None:
        """Note that a listen key is wireproof's, and a secret."""
        self.context.target.redactor.learn_listen_key(listen_key)
        self.context.journal.started_listen_key(listen_key)
