"""The surroundings of one product's run, without a target."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from wireproof.suite.events.event_frames import EventShapes
from wireproof.suite.judging.judge import Judge
from wireproof.suite.products.registry import DRIVERS
from wireproof.suite.run_context import RunContext
from wireproof.suite.running.account_changes import AccountChanges
from wireproof.suite.running.product_context import ProductContext
from wireproof.suite.running.weighing import Weighing
from wireproof.suite.state.journal import Journal
from wireproof.suite.target import Target
from wireproof.wire.endpoints import Endpoints
from wireproof.wire.secrets.redact import Redactor

KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"


@pytest.fixture
def context_of(store, tmp_path):
    """Return what makes the context of a run of cases; its redactor knows `KEY`."""

    def make(*cases):
        redactor = Redactor()
        redactor.register(KEY, "api key")
        return RunContext(
            cases,
            store=store,
            target=Target("testnet", Endpoints(), [], redactor, allow_trading=True, hide_values=False),
            judge=Judge(store, {}, target="testnet", today=date(2026, 11, 22)),
            journal=Journal(tmp_path / "journal.json"),
            run="20261122T000000Z-abc123",
        )

    return make


@pytest.fixture
def product_of(context_of):
    """Return what makes the context of usdm's part of a run."""

    def make(*cases):
        context = context_of(*cases)
        product = context.store.products["usdm"]
        return ProductContext(
            context=context,
            product=product,
            driver=DRIVERS["usdm"],
            cases=cases,
            endpoints=Endpoints(),
            connections=SimpleNamespace(new_session=None, new_user_stream=None, sessions=[], user_streams=[]),
            changes=AccountChanges(context, product),
            weighing=Weighing(context, "usdm", context.limiters.get("futures")),
            shapes=EventShapes([], frozenset()),
        )

    return make


class Keyed:
    """An account with a key whose modes can be switched, or not."""

    name, foreign_listen_key = "hmac", False

    def __init__(self, error=None):
        self.credentials = SimpleNamespace(api_key=KEY, name="hmac")
        self.driver, self.error, self.sent = DRIVERS["usdm"], error, []
        self.hedge = self.multi_assets = False
        self.leases = {"": SimpleNamespace(is_idle=False)}
        self.unknown, self.dear_answers = {}, {}

    async def place_rest(self, verb, path, params, **_named):
        """Note a request; raise the error of the account, if it has one."""
        self.sent.append((verb, path, params))
        if self.error is not None:
            raise self.error


@pytest.fixture
def keyed():
    """Return the class of accounts with a key."""
    return Keyed
