"""State of portfolio margin pro, against a scripted account; whole cases: ../test_portfolio_margin_pro.py."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from wireproof.errors import BlockedError
from wireproof.suite.state.own_answers import Answer, itself
from wireproof.suite.state.preparing import PREPARING

ROOT = "/sapi/v1/portfolio"
LEVEL = f"{ROOT}/margin-call-level"


class Account:
    """Answers with what it was given by path, and notes what was sent."""

    name, driver = "hmac", SimpleNamespace(product="portfolio-margin-pro")

    def __init__(self, **answers):
        self.answers, self.sent = answers, []

    async def ask_rest(self, verb, path, params=None, read=itself):
        """Answer a question."""
        self.sent.append((verb, path, params))
        return read(Answer(path, self.answers[path.rpartition("/")[2].replace("-", "_")]))

    async def place_rest(self, verb, path, params, *, repeatable=False):
        """Take a change; a setting may be sent twice, a repayment may not."""
        assert repeatable or path.endswith("/repay")
        self.sent.append((verb, path, params))


class Scene(SimpleNamespace):
    """Notes what is to be undone, and what the venue was asked for."""

    def __init__(self, account, control=None):
        super().__init__(account=account, control=control, remembered=[], undone=[])

    def path(self, name):
        """Return a whole path."""
        return name

    def remember_setting(self, name, before):
        """Note what sets something back."""
        self.remembered.append((name, before))

    def forget_setting(self, name, before):
        """Take a note back."""
        self.remembered.remove((name, before))

    def later(self, _what, undo):
        """Note how to undo it."""
        self.undone.append(undo)


@pytest.mark.parametrize(
    ("need", "path", "flag"),
    [("delta_mode", "delta-mode", "deltaEnabled"), ("joint_auto_repay", "repay-futures-switch", "autoRepay")],
)
async def test_switches_are_set_back_to_what_was_read(need, path, flag):
    account = Account(**{path.replace("-", "_"): {flag: True}})
    scene = Scene(account)
    assert await PREPARING[need](scene) == {"other": "false"}
    assert scene.remembered == [(f"{ROOT}/{path}", {flag: "true"})]
    await scene.undone[0]()
    assert account.sent[1:] == [("POST", f"{ROOT}/{path}", {flag: "true"})]
    assert scene.remembered == []


@pytest.mark.parametrize(
    ("told", "restored"),
    [({"marginCallLevel": "1.7"}, ("POST", LEVEL, {"marginCallLevel": "1.7"})), ({}, ("DELETE", LEVEL, {}))],
)
async def test_the_level_of_margin_calls_is_set_back_also_where_there_was_none(told, restored):
    account = Account(margin_call_level=told)
    scene = Scene(account)
    assert await PREPARING["call_level_set"](scene) == {"other": "1.23"}
    assert account.sent[-1] == ("POST", LEVEL, {"marginCallLevel": "1.23"})
    await scene.undone[0]()
    assert account.sent[-1] == restored
    await PREPARING["no_call_level"](scene)
    assert account.sent[-1] == ("DELETE", LEVEL, {})


async def test_loans_and_money_are_given_by_the_local_venue_only():
    asked = []

    async def of_product(product, document):
        asked.append((product, document))

    scene = Scene(Account(), SimpleNamespace(of_product=of_product))
    for need in ("bankruptcy_loan", "no_bankruptcy_loan", "money_in_futures", "repaid_bankruptcy_loan"):
        assert await PREPARING[need](scene) == {}
    given = [{name: value for name, value in document.items() if name != "account"} for _, document in asked]
    assert given == [{"loan": "100", "spot": "1000"}, {"loan": "0"}, {"futures": "50"}, {"loan": "100", "spot": "1000"}]
    assert scene.account.sent == [("POST", f"{ROOT}/repay", {})]
    with pytest.raises(BlockedError, match="Only the local venue"):
        await PREPARING["bankruptcy_loan"](Scene(Account()))
