"""State that only REST can prepare, against a scripted account."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from wireproof.drift.compare import Comparer
from wireproof.errors import BlockedError
from wireproof.suite.state import settings
from wireproof.suite.state.own_answers import Answer, itself
from wireproof.suite.state.preparing import PREPARING
from wireproof.suite.state.settings import STILL_PREPARED

ASKED = {"avgCostTimestampOfLast30d": 7241837, "downloadId": "546975389218332672"}


class Account:
    """Answers requests for a download: asked for at once, ready after so many looks."""

    def __init__(self, looks):
        self.looks, self.sent = looks, []

    async def ask_rest(self, method, path, params=None, read=itself):
        """Answer a request."""
        self.sent.append(f"{method} {path}")
        if not path.endswith("/id"):
            return read(Answer(f"{method} {path}", ASKED))
        self.looks -= 1
        answer = {"status": "processing" if self.looks > 0 else "completed", **(params or {})}
        return read(Answer(f"{method} {path}", answer))

    place_rest = ask_rest


def scene(account, example="the-download-is-ready", answered=ASKED):
    async def answer_to(_subject):
        return None if answered is None else json.dumps(answered).encode()

    return SimpleNamespace(
        account=account,
        book=SimpleNamespace(path=lambda name: f"/fapi/v1/{name}"),
        answer_to=answer_to,
        case=SimpleNamespace(example=example),
        state={"clock": {"now": 2, "a_day_ago": 1}},
        given=[],
    )


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch):
    monkeypatch.setattr(settings, "DOWNLOAD_PAUSE", 0)


@pytest.mark.parametrize("kind", ["income", "order", "trade"])
async def test_a_download_is_waited_for_until_it_is_ready(kind):
    """With the id that the run's own case was given: each account may ask only a few times a month."""
    account = Account(looks=3)

    assert await PREPARING[f"{kind}_download"](scene(account)) == {"id": ASKED["downloadId"]}
    assert account.sent == [f"GET /fapi/v1/{kind}/asyn/id"] * 3


async def test_a_download_that_is_to_be_seen_unfinished_is_not_waited_for():
    account = Account(looks=3)

    assert await PREPARING["income_download"](scene(account, STILL_PREPARED)) == {"id": ASKED["downloadId"]}
    assert account.sent == []


async def test_without_the_runs_own_case_a_download_is_asked_for():
    account = Account(looks=1)

    assert await PREPARING["order_download"](scene(account, answered=None)) == {"id": ASKED["downloadId"]}
    assert account.sent == ["GET /fapi/v1/order/asyn", "GET /fapi/v1/order/asyn/id"]


async def test_an_answer_without_an_id_blocks():
    with pytest.raises(BlockedError, match="GET /fapi/v1/order/asyn: `downloadId` is missing"):
        await PREPARING["order_download"](scene(Account(looks=1), answered={}))


@pytest.mark.parametrize("product", ["usdm", "coinm"])
def test_every_download_is_looked_at_while_it_is_prepared_and_when_it_is_ready(store, product):
    """Both are documented examples."""
    downloads = [c for c in store.contracts.values() if c.product == product and c.id.endswith(".asyn.id")]

    assert len(downloads) == 3
    for contract in downloads:
        assert [case.example for case in contract.cases] == [example.name for example in contract.examples]


@pytest.mark.parametrize("product", ["usdm", "coinm"])
def test_a_download_that_is_ready_too_early_is_no_difference(store, product):
    """The exchange may be quicker than the case that looks at an unfinished download."""
    for contract in store.contracts.values():
        if contract.product == product and contract.id.endswith(".asyn.id"):
            ready = json.dumps(contract.examples[0].response).encode()
            found = Comparer(store.products[product]).response(contract, STILL_PREPARED, ready, status=200)
            assert found == []
