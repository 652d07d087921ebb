"""Cases are spread over the accounts there are, so that they wait for each other as little as can be."""

from __future__ import annotations

from types import SimpleNamespace

from wireproof.suite.running.assignment import assign

HEDGE = "usdm/event/ORDER_TRADE_UPDATE/hedge-mode"
MULTI = "usdm/rest/GET.fapi.v2.account/multi-assets"
PLAIN, KEYED = "usdm/ws-api/order.place/limit-gtc", "usdm/ws-api/order.place/signed-by/rsa"
LISTENING = ("usdm/ws-api/userDataStream.start/fresh", "usdm/ws-api/userDataStream.ping/active")
SCRIPTED = "usdm/event/MARGIN_CALL/isolated"


class Account:
    """An account with a kind of key."""

    def __init__(self, key_type):
        self.credentials = SimpleNamespace(key_type=key_type)


def of(planned, accounts, *names):
    assigned = assign([planned[name] for name in names], accounts)
    return {case.id: accounts.index(account) for account, cases in assigned.items() for case in cases}


def test_each_mode_has_an_account_of_its_own(planned):
    accounts = [Account("HMAC"), Account("RSA"), Account("ED25519")]
    assert of(planned, accounts, PLAIN, HEDGE, MULTI) == {PLAIN: 0, HEDGE: 1, MULTI: 2}


def test_one_account_does_everything(planned):
    assert set(of(planned, [Account("HMAC")], PLAIN, HEDGE, MULTI, *LISTENING).values()) == {0}


def test_a_case_gets_the_kind_of_key_it_needs(planned):
    assert of(planned, [Account("HMAC"), Account("ED25519"), Account("RSA")], KEYED) == {KEYED: 2}


def test_listen_keys_are_held_by_turns(planned):
    found = of(planned, [Account("HMAC"), Account("RSA")], *LISTENING)
    assert sorted(found.values()) == [0, 1]


def test_what_is_scripted_waits_until_all_are_at_rest(planned):
    assert of(planned, [Account("HMAC")], SCRIPTED, PLAIN) == {PLAIN: 0}
