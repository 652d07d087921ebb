"""Changes of whole accounts are journaled before they are made, and forgotten when they are set back."""

from __future__ import annotations

import pytest

from wireproof.errors import BlockedError

from .conftest import KEY


async def test_a_mode_is_remembered_until_it_is_set_back(product_of, keyed):
    changes, account = product_of().changes, keyed()
    await changes.switch(account, "hedge", on=True)
    assert changes.context.journal.mode_before(KEY, "hedge") is False
    account.hedge = False
    await changes.set_back(account, "hedge")
    assert changes.context.journal.mode_before(KEY, "hedge") is None
    assert [params for _, _, params in account.sent] == [{"dualSidePosition": "true"}, {"dualSidePosition": "false"}]


async def test_what_cannot_be_set_back_is_reported_without_secrets(product_of, keyed):
    changes = product_of().changes
    await changes.set_back(keyed(BlockedError(f"{KEY} is refused")), "hedge")
    assert changes.context.state.not_cleaned == ["hedge mode of hmac: <redacted api key> is refused"]


async def test_a_setting_is_remembered_until_it_is_what_it_was(product_of, keyed):
    changes, before = product_of().changes, {"symbol": "BTCUSDT", "leverage": 20}
    changes.remember_setting(keyed(), "leverage", before)
    assert changes.context.journal.settings_before(KEY, "usdm")
    changes.forget_setting(keyed(), "leverage", before)
    assert changes.context.journal.settings_before(KEY, "usdm") == []


async def test_a_listen_key_is_a_secret_from_its_start(product_of):
    changes, listen_key = product_of().changes, "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"
    changes.on_listen_key(listen_key)
    assert listen_key not in changes.context.target.redactor.text(f"of {listen_key}")


@pytest.mark.parametrize("trading", [True, False])
async def test_no_way_is_made_where_nothing_may_be_changed(trading, product_of, keyed, planned):
    """Neither for a case that only reads."""
    changes, account = product_of().changes, keyed()
    changes.context.target.allow_trading = trading
    await changes.make_way(planned["usdm/ws-api/order.place/limit-gtc"], account)
    assert account.sent == []
