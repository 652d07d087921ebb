"""The TradFi agreement; conversions stand with their desk."""

from __future__ import annotations


async def test_tradfi_agreement(rest):
    """Signing it is remembered, and may be repeated."""
    for _ in range(2):
        assert await rest.post("/fapi/v1/stock/contract") == {"code": 200, "msg": "success"}
    assert rest.venue.services.tradfi_agreed == {rest.account.name}
