"""Downloads: an id, then a link, then a file."""

from __future__ import annotations

import pytest

KINDS = ("order", "trade", "income")
MINUTE_MS = 60_000


async def ask(rest, kind="income", root="/fapi/v1", **changes):
    rest.venue.clock.advance(MINUTE_MS)  # each request costs a thousand of the minute's weight
    now = rest.venue.clock.now_ms()
    return await rest.ask("GET", f"{root}/{kind}/asyn", **{"startTime": now - 3_600_000, "endTime": now} | changes)


@pytest.mark.parametrize("kind", KINDS)
async def test_id_then_link_then_file(rest, kind):
    """Processing at first, completed with a link a second later, over after a day."""
    await rest.order(type="MARKET")
    _, asked = await ask(rest, kind)
    link = await rest.get(f"/fapi/v1/{kind}/asyn/id", downloadId=asked["downloadId"])
    assert (link["status"], link["url"], link["expirationTimestamp"]) == ("processing", "", -1)
    rest.venue.clock.advance(1_000)
    link = await rest.get(f"/fapi/v1/{kind}/asyn/id", downloadId=asked["downloadId"])
    assert (link["status"], link["notified"], link["isExpired"]) == ("completed", True, None)
    async with rest.http.get(link["url"]) as answer:
        lines = (await answer.text()).splitlines()
        assert (answer.status, len(lines)) == (200, 2)
    rest.venue.clock.advance(24 * 60 * MINUTE_MS + 1)
    async with rest.http.get(link["url"]) as answer:
        assert answer.status == 404


async def test_a_foreign_id(rest):
    """An id of another account, another kind, another product or nobody is -1130."""
    _, asked = await ask(rest)
    number = asked["downloadId"]
    assert await rest.refused("GET", "/fapi/v1/income/asyn/id", rest.other, downloadId=number) == -1130
    assert await rest.refused("GET", "/fapi/v1/order/asyn/id", downloadId=number) == -1130
    assert await rest.refused("GET", "/dapi/v1/income/asyn/id", downloadId=number) == -1130
    assert await rest.refused("GET", "/fapi/v1/income/asyn/id", downloadId="1") == -1130


async def test_periods(rest):
    """A year at most, and not backwards."""
    now = rest.venue.clock.now_ms()
    assert (await ask(rest, startTime=now - 367 * 24 * 60 * MINUTE_MS, endTime=now))[1]["code"] == -4165
    assert (await ask(rest, startTime=now, endTime=now - 1))[1]["code"] == -1023


async def test_portfolio_margin_has_less_income_a_month(rest):
    """Five downloads, where the products by themselves have a hundred (documented)."""
    for _ in range(5):
        assert (await ask(rest, root="/papi/v1/um"))[0] == 200
    assert (await ask(rest, root="/papi/v1/um"))[1]["code"] == -1003
    assert (await ask(rest))[0] == 200


async def test_monthly_limit(rest):
    """Five downloads of trades a month, for each product; the month goes by."""
    for _ in range(5):
        assert (await ask(rest, "trade"))[0] == 200
    status, answer = await ask(rest, "trade")
    assert (status, answer["code"]) == (429, -1003)
    assert (await ask(rest, "trade", "/dapi/v1"))[0] == 200
    rest.venue.clock.advance(30 * 24 * 60 * MINUTE_MS)
    assert (await ask(rest, "trade"))[0] == 200


async def test_weight(rest):
    """A thousand each: the seventh within a minute is too much on testnet."""
    now = rest.venue.clock.now_ms()
    statuses = [(await rest.ask("GET", "/fapi/v1/income/asyn", startTime=now, endTime=now))[0] for _ in range(7)]
    assert statuses == [200] * 6 + [429]
