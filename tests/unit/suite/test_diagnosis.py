"""What would keep a run from saying something is seen before it, and said with what to do."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from wireproof.suite.diagnosis import examine
from wireproof.suite.target import Target
from wireproof.venue.base.venue_clock import SystemClock
from wireproof.venue.serving.server import Venue
from wireproof.wire.endpoints import Endpoints
from wireproof.wire.secrets.credentials import Credentials, HmacSigner
from wireproof.wire.secrets.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from wireproof.contract.store import Store
    from wireproof.suite.diagnosis import Diagnosis

KEY, SECRET = "a" * 31 + "B9" + "c" * 31, "s3cr3tOf" * 8


def by_name(found: list[Diagnosis]) -> dict[str, Diagnosis]:
    return {one.what: one for one in found}


async def test_a_sound_target_is_well_in_every_respect(
    venue: Venue, target_of: Callable[..., Target], store: Store
) -> None:
    found = await examine(target_of(venue), store, ["usdm"])
    assert [one.what for one in found] == [
        *("network of usdm", "clock of usdm", "streams of usdm"),
        *("HMAC key of usdm", "RSA key of usdm", "ED25519 key of usdm", "limits of usdm"),
    ]
    assert {one.state for one in found} == {"ok"}
    assert "units of weight used this minute" in found[-1].said


@pytest.mark.parametrize(
    ("credentials", "said", "advice"),
    [
        (Credentials(KEY, HmacSigner(SECRET)), "-2015", "IP list"),
        (Credentials("short", HmacSigner(SECRET)), "-2014", "copy it again"),
        (None, "-1022", "does not belong to this API key"),
    ],
    ids=["unknown", "cut", "another secret"],
)
async def test_a_key_that_is_refused_is_bad_and_never_shown(
    venue: Venue,
    target_of: Callable[..., Target],
    store: Store,
    credentials: Credentials | None,
    said: str,
    advice: str,
) -> None:
    own = credentials or Credentials(venue.accounts[0].key.api_key, HmacSigner(SECRET))
    found = await examine(target_of(venue, accounts=[own]), store, ["usdm"])
    key = by_name(found)["HMAC key of usdm"]
    assert (key.state, said in key.said, advice in key.advice) == ("bad", True, True), key
    everything = repr(found)
    assert SECRET[:8] not in everything
    assert len(own.api_key) < 8 or own.api_key[:8] not in everything


class Skewed(SystemClock):
    """A clock that is off by so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self._off = seconds * 1000

    def now_ms(self) -> int:
        """Return this machine's time and what it is off by."""
        return super().now_ms() + self._off


@pytest.mark.parametrize(("seconds", "word"), [(3600, "behind"), (-3600, "ahead")])
async def test_a_clock_that_is_off_is_said_with_its_distance(
    target_of: Callable[..., Target], store: Store, seconds: int, word: str
) -> None:
    """A request is signed with the target's time all the same."""
    async with Venue(seed=7, clock=Skewed(seconds), tick_seconds=None, market_moves=False) as off:
        found = by_name(await examine(target_of(off), store, ["usdm"]))
    said = re.fullmatch(r"this machine is (3,[56]\d\d\.\d) s (\w+): .*", found["clock of usdm"].said)
    assert said is not None, found["clock of usdm"]
    assert said[2] == word
    assert found["clock of usdm"].state == "warning"
    assert found["HMAC key of usdm"].state == "ok"


@asynccontextmanager
async def served(answers: dict[str, tuple[int, Any]]) -> AsyncIterator[Target]:
    """Serve these answers by path, as the host of portfolio margin pro on live."""
    over = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        status, body = answers.get(request.path, (404, {"code": -5000, "msg": "no such path"}))
        if body is None:
            await over.wait()
        if isinstance(body, str):
            return web.Response(status=status, text=body, content_type="text/html")
        return web.json_response(body, status=status, headers={"X-SAPI-USED-IP-WEIGHT-1M": "11000"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        redactor, own = Redactor(), Credentials(KEY, HmacSigner(SECRET))
        redactor.watch(own)
        at = Endpoints("", url, "", "", "portfolio-margin-pro", "live")
        yield Target("live", at, [own], redactor, allow_trading=False, hide_values=True)
    finally:
        over.set()
        await runner.cleanup()


def sound(restrictions: Any) -> dict[str, tuple[int, Any]]:
    return {
        "/api/v3/time": (200, {"serverTime": int(time.time() * 1000)}),
        "/sapi/v1/portfolio/account": (200, {"uniMMR": "1.5"}),
        "/sapi/v1/account/apiRestrictions": (200, restrictions),
    }


@pytest.mark.parametrize(
    ("restrictions", "state", "said"),
    [
        ({"ipRestrict": True, "enableReading": True, "enableFutures": True}, "ok", "allowed: reading, futures; bound"),
        ({"ipRestrict": False, "enableReading": True}, "warning", "bound to addresses: no"),
        ({"ipRestrict": True, "enableWithdrawals": True}, "bad", "it may withdraw"),
        ([], "warning", "answered with something else"),
    ],
)
async def test_what_a_key_may_do_is_what_the_exchange_says(
    store: Store, restrictions: Any, state: str, said: str
) -> None:
    async with served(sound(restrictions)) as target:
        found = by_name(await examine(target, store, ["portfolio-margin-pro"]))
    permissions = found["permissions of the HMAC key of portfolio-margin-pro"]
    assert permissions.state == state
    assert said in permissions.said
    assert (state == "ok") is (not permissions.advice) or restrictions == []
    assert found["limits of portfolio-margin-pro"].state == "warning", "others used most of it"


async def test_what_a_key_may_do_is_asked_where_it_is_said_whatever_is_looked_at(store: Store) -> None:
    async with served(sound({"ipRestrict": True, "enableReading": True})) as target:
        target.sources = {"portfolio-margin-pro": target.endpoints_of("portfolio-margin-pro")}
        [one] = await examine(target, store, [])
        assert (one.what, one.state) == ("permissions of the HMAC key of portfolio-margin-pro", "ok")
        target.name = "testnet"
        assert await examine(target, store, []) == []
    async with served({}) as target:
        target.sources = {"portfolio-margin-pro": target.endpoints_of("portfolio-margin-pro")}
        [one] = await examine(target, store, [])
        assert one.state == "warning"


@pytest.mark.parametrize(
    ("status", "body", "what", "advice"),
    [
        (451, "<html>not here</html>", "region", "does not serve this location"),
        (403, "<html>firewall</html>", "network", "firewall"),
        (200, None, "network", "firewall, or try again later"),
    ],
    ids=["region", "firewall", "silent"],
)
async def test_a_host_that_cannot_be_judged_ends_the_look(
    store: Store, status: int, body: Any, what: str, advice: str
) -> None:
    async with served({"/api/v3/time": (status, body)}) as target:
        [one] = await examine(target, store, ["portfolio-margin-pro"], seconds=1.0)
    assert (one.what, one.state) == (f"{what} of portfolio-margin-pro", "bad")
    assert advice in one.advice


async def test_nobody_listens(store: Store, unused_tcp_port: int) -> None:
    at = Endpoints("", f"http://127.0.0.1:{unused_tcp_port}", "", "", "usdm", "local")
    target = Target("local", at, [], Redactor(), allow_trading=True, hide_values=False)
    [one] = await examine(target, store, ["usdm"], seconds=2.0)
    assert (one.what, one.state) == ("network of usdm", "bad")
    assert "refused the connection" in one.said


async def test_a_product_that_the_target_has_not_is_no_fault(store: Store) -> None:
    target = Target("testnet", Endpoints(), [], Redactor(), allow_trading=True, hide_values=False)
    [one] = await examine(target, store, ["portfolio-margin"])
    assert (one.state, one.said) == ("warning", "testnet has no host of portfolio-margin.")
