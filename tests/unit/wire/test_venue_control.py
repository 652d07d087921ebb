"""The market of a local venue is moved over its control routes; whatever else answers blocks the case."""

from decimal import Decimal

import pytest

from wireproof.errors import BlockedError
from wireproof.venue.serving.server import Venue
from wireproof.wire.venue_control import VenueControl


async def test_a_venue_moves_its_price_and_settles_funding():
    async with Venue(seed=1, market_moves=False) as venue:
        control = VenueControl(venue.rest_url + "/")
        await control.move_price("BTCUSDT", Decimal("80000.10"))
        assert venue.engine.markets["BTCUSDT"].mid == Decimal("80000.10")
        await control.settle_funding()
        assert "BTCUSDT" in venue.engine.funding.history
        await control.change_contract("BTCUSDT")
        await control.let_orders_expire("BTCUSDT")


async def test_a_refusal_is_told_with_its_words():
    async with Venue(seed=1, market_moves=False) as venue:
        with pytest.raises(BlockedError, match=r"was answered with 400 .*-1121.* need a `wireproof venue`"):
            await VenueControl(venue.rest_url).move_price("NOSUCH", Decimal(1))


async def test_another_server_is_no_venue():
    async with Venue(seed=1, market_moves=False) as venue:
        with pytest.raises(BlockedError, match="POST /venue/market was answered with 404"):
            await VenueControl(venue.rest_url + "/fapi").settle_funding()


async def test_a_venue_says_which_faults_did_nothing():
    async with Venue(seed=1, market_moves=False) as venue:
        venue.faults.add("silent", method="depth")
        assert await VenueControl(venue.rest_url).fault_reports() == venue.faults.reports() != []


async def test_an_unreachable_venue_is_said_to_be_so(unused_tcp_port):
    with pytest.raises(BlockedError, match=f"127.0.0.1:{unused_tcp_port} could not be asked"):
        await VenueControl(f"http://127.0.0.1:{unused_tcp_port}").settle_funding()


async def test_a_venue_tells_what_it_published(unused_tcp_port):
    """Whoever else is asked keeps no such record."""
    async with Venue(seed=1, market_moves=False) as venue:
        record = await VenueControl(venue.rest_url).streams()
        assert record.published == {}
        with pytest.raises(BlockedError, match="keeps no record of its streams: it was answered with 404"):
            await VenueControl(venue.rest_url + "/fapi").streams()
    with pytest.raises(BlockedError, match="could not be asked what it published"):
        await VenueControl(f"http://127.0.0.1:{unused_tcp_port}").streams()
