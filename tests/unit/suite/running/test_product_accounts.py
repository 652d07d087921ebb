"""What is read before the cases of a product, and what concerns all of it."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from wireproof.errors import BlockedError
from wireproof.suite.running.product_accounts import ProductAccounts, check_one_answer
from wireproof.wire.failures import BlockKind, TargetBlockedError


def test_only_a_host_that_answers_nobody_ends_the_run_of_a_product():
    check_one_answer(BlockedError("This was refused."))
    check_one_answer(TargetBlockedError("h:1", "It is in trouble.", kind=BlockKind.MAINTENANCE))
    with pytest.raises(TargetBlockedError):
        check_one_answer(TargetBlockedError("h:1", "It is banned.", kind=BlockKind.BANNED))


async def test_without_a_key_there_is_one_public_account_and_nothing_to_look_after(product_of, planned):
    product = product_of(planned["usdm/ws-api/ticker.price/symbol-sent"])
    product_accounts = ProductAccounts(product, AsyncExitStack())
    [account] = product_accounts.accounts(None, None)
    assert (account.name, account.credentials) == ("public", None)
    await product_accounts.begin([account])
    assert product.keyed == []
    await product_accounts.check_remains([account])
    assert product.context.state.blockages == {}
