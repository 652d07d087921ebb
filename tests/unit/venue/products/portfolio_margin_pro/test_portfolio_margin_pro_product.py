"""Portfolio margin pro as a whole: where it is asked, and where its streams are."""

from __future__ import annotations

from wireproof.venue.products.portfolio_margin_pro.portfolio_margin_pro_product import PORTFOLIO_MARGIN_PRO
from wireproof.venue.products.registry import product_at


async def test_its_streams_open_with_the_listen_key_of_futures(sapi):
    """docs/exchange.md#portfolio-margin-pro-streams."""
    assert product_at("/sapi/v1/portfolio/account") is PORTFOLIO_MARGIN_PRO
    venue = sapi.venue
    root = venue.stream_url + "/pm-classic"
    assert venue.urls[PORTFOLIO_MARGIN_PRO.name]["stream"] == root
    key = (await sapi.rest.post("/fapi/v1/listenKey"))["listenKey"]
    async with sapi.rest.http.ws_connect(f"{root}/ws/{key}") as socket:
        await sapi.rest.order()  # events of orders stay on the streams of their product
        sapi.control(level="MARGIN_CALL")
        assert (await socket.receive_json())["e"] == "riskLevelChange"
        venue.clock.advance(5_000)
        venue.tick()
        assert (await socket.receive_json())["e"] == "PM_PRO_ACCOUNT_UPDATE"
