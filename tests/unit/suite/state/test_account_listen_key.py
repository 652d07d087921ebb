"""Which listen key of an account is active: most products say so when it is extended, some do not."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from wireproof.recognition import recognise
from wireproof.suite.products.registry import DRIVERS
from wireproof.suite.state.account import RefusedError
from wireproof.suite.state.account_listen_key import active_listen_key, check_listen_key
from wireproof.suite.state.own_answers import Answer, UnreadableError, itself

GONE = recognise(400, b'{"code":-1125,"msg":"This listenKey does not exist."}')


class Account:
    """Answers requests about a listen key; extending one of options is answered with an empty object."""

    def __init__(self, product, active="key"):
        self.listen_key_requests, self.active, self.asked = DRIVERS[product].listen_key, active, []

    async def ask_keyed(self, method, read=itself):
        """Answer one request."""
        await asyncio.sleep(0)
        self.asked.append(method)
        requests = self.listen_key_requests
        if not self.active and method == requests.extend:
            raise RefusedError(method, GONE)
        shown = method == requests.start or requests.extend_shows_it
        return read(Answer(method, {"listenKey": self.active} if shown else {}))


@pytest.mark.parametrize(
    ("product", "asked"),
    [("usdm", ["userDataStream.ping"]), ("options", ["PUT /eapi/v1/listenKey", "POST /eapi/v1/listenKey"])],
)
async def test_the_active_key_is_known_without_starting_one(product, asked):
    """The second start of a key that is active returns the same one."""
    account = Account(product)
    assert await active_listen_key(account) == "key"
    assert account.asked == asked


@pytest.mark.parametrize("product", ["usdm", "options"])
async def test_where_no_key_is_active_none_is_started(product):
    account = Account(product, active="")
    with pytest.raises(RefusedError):
        await active_listen_key(account)
    assert account.listen_key_requests.start not in account.asked


@pytest.mark.parametrize("product", ["usdm", "options"])
async def test_a_stream_of_another_key_would_be_silent(product):
    await check_listen_key(Account(product), "key")
    with pytest.raises(UnreadableError, match="listenKey"):
        await check_listen_key(SimpleNamespace(**vars(Account(product)), ask_keyed=Account(product).ask_keyed), "other")
