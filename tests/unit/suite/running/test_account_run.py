"""Cases of one account: what cannot be brought into its mode is blocked, and nothing is left in it."""

from __future__ import annotations

from wireproof.drift.finding import Verdict
from wireproof.errors import BlockedError
from wireproof.suite.running.account_run import AccountRun
from wireproof.suite.state.own_answers import UnknownStateError

from .conftest import KEY

HEDGE = "usdm/ws-api/order.place/hedge-long"


async def test_cases_of_a_mode_that_is_refused_are_blocked_for_one_reason(product_of, keyed, planned):
    product = product_of(planned[HEDGE])
    await AccountRun(product, keyed(BlockedError(f"{KEY} may not"))).run_in_mode("hedge", [planned[HEDGE]])
    result = product.context.state.results[HEDGE]
    words = "hmac could not be switched to hedge mode: <redacted api key> may not."
    assert (result.verdict, result.reason) == (Verdict.BLOCKED, words)
    assert [blockage.cases for blockage in product.context.state.blockages.values()] == [1]


async def test_nothing_is_sent_where_the_mode_is_not_known(product_of, keyed, planned):
    product, account = product_of(planned[HEDGE]), keyed()
    account.unknown["hedge"] = UnknownStateError("It could not be read.")
    await AccountRun(product, account).run([planned[HEDGE]])
    assert account.sent == []
    assert product.context.state.results[HEDGE].verdict is Verdict.BLOCKED
