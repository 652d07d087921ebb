"""Each kind of key signs the requests of each product, and starts, extends and stops its listen key."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import pytest_asyncio

from wireproof.suite.products.registry import DRIVERS
from wireproof.wire.clock import ServerClock
from wireproof.wire.limits import RateLimiter
from wireproof.wire.rest import RestClient

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: By product: a setting that is set to what it is, with its parameters.
SETTINGS = {
    "options": ("/eapi/v1/countdownCancelAll", {"underlying": "BTCUSDT", "countdownTime": 0}),
    "portfolio-margin": ("/papi/v1/repay-futures-switch", {"autoRepay": "true"}),
    "portfolio-margin-pro": ("/sapi/v1/portfolio/repay-futures-switch", {"autoRepay": "true"}),
}


class OtherSigner:
    """Signs as a key does, but another text."""

    def __init__(self, signer):
        self.key_type, self._signer = signer.key_type, signer

    def sign(self, text):
        """Return the signature of another text."""
        return self._signer.sign(f"{text}0")


@pytest_asyncio.fixture(loop_scope="session")
async def rest(venue):
    """Return what asks the venue over REST."""
    clock = ServerClock()
    async with RestClient(venue.rest_url, limiter=RateLimiter(clock.now_ms), clock=clock) as client:
        yield client


@pytest.fixture(params=["HMAC", "RSA", "ED25519"])
def key(request, venue, target_of):
    """Return the venue's key of a kind."""
    [found] = [one for one in target_of(venue).accounts if one.key_type == request.param]
    return found


@pytest.mark.parametrize("product", SETTINGS)
async def test_signed_requests_are_accepted_with_each_kind_of_key(rest, key, product):
    """A GET, and a POST whose parameters are in its query or in its body; what is signed otherwise is refused."""
    path, params = SETTINGS[product]
    asked = [DRIVERS[product].balance.split(), ("POST", path)]
    for (verb, where), given, in_body in ((asked[0], {}, False), (asked[1], params, False), (asked[1], params, True)):
        reply = await rest.request(verb, where, given, credentials=key, signed=True, in_body=in_body)
        assert reply.status == 200, reply.raw
        other = replace(key, signer=OtherSigner(key.signer))
        refused = await rest.request(verb, where, given, credentials=other, signed=True, in_body=in_body)
        assert json.loads(refused.raw)["code"] == -1022


@pytest.mark.parametrize("product", SETTINGS)
async def test_listen_keys_live_with_each_kind_of_key(rest, key, product):
    """They take the key alone, without a signature."""
    requests = DRIVERS[product].listen_key

    async def ask(request):
        verb, path = request.split()
        return await rest.request(verb, path, credentials=key)

    listen_key = json.loads((await ask(requests.start)).raw)["listenKey"]
    assert json.loads((await ask(requests.start)).raw)["listenKey"] == listen_key
    assert [(await ask(one)).status for one in (requests.extend, requests.close)] == [200, 200]
    assert json.loads((await ask(requests.extend)).raw)["code"] == -1125
