"""One case on its account: whatever goes wrong becomes its verdict, and the others go on."""

from __future__ import annotations

import asyncio

import pytest

from wireproof.drift.finding import Verdict
from wireproof.errors import BlockedError
from wireproof.suite.running.case_run import CaseRun
from wireproof.suite.state.own_answers import UnknownStateError

from .conftest import KEY

CASE = "usdm/ws-api/order.place/limit-gtc"


@pytest.mark.parametrize(
    ("error", "verdict", "reason"),
    [
        (LookupError(KEY), Verdict.BROKEN, "LookupError: <redacted api key>"),
        (BlockedError(f"no {KEY}"), Verdict.BLOCKED, "no <redacted api key>"),
        (UnknownStateError(f"no {KEY}"), Verdict.BLOCKED, "no <redacted api key>."),
    ],
)
async def test_an_error_is_its_verdict_without_secrets(error, verdict, reason, product_of, keyed, planned, monkeypatch):
    async def raises(_run):
        raise error

    monkeypatch.setattr(CaseRun, "_exercise", raises)
    product, account = product_of(planned[CASE]), keyed()
    await CaseRun(product, planned[CASE], account).run()
    result = await asyncio.wait_for(product.context.state.result(CASE), 1)
    assert (result.verdict, result.reason) == (verdict, reason)
    assert result.started_at <= result.ended_at
    assert product.accounts_of == {CASE: account}


async def test_a_case_that_is_stopped_says_so(product_of, keyed, planned, monkeypatch):
    async def waits(_run):
        await asyncio.Event().wait()

    monkeypatch.setattr(CaseRun, "_exercise", waits)
    product = product_of(planned[CASE])
    running = asyncio.ensure_future(CaseRun(product, planned[CASE], keyed()).run())
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert product.context.state.results[CASE].reason == "the run was stopped before this case was over"
