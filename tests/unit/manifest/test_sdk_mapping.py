"""An official SDK maps itself: a package of the same form, made here; the real ones are in tests/clients."""

from __future__ import annotations

import sys

import pytest
from checkout import CONTRACTS

from wireproof.contract.store import load_store
from wireproof.manifest.contract_mapping import ContractMapping
from wireproof.manifest.deriving import imported
from wireproof.manifest.sdk_mapping import contracts_of, models_of

API = """
from dataclasses import dataclass
from made_sdk.models import Depth, Tick, Price, Events

class Api:
    def depth(self, symbol):
        return send_request(self, method="GET", path="/fapi/v1/depth", response_model=Depth)

    def basis(self):
        return send_request(self, method="GET", path="/futures/data/basis", response_model=Depth)

    def plain(self, path):
        return send_request(self, method="GET", path=path)

    async def price(self):
        payload = {"method": "/ticker.price".replace("/", "", 1), "params": {}}
        return await self.send_message(payload=payload, response_model=Price)

    async def ticks(self, symbol):
        stream = ws_streams_placeholder("/<symbol>@aggTrade".replace("/", "", 1), {"symbol": symbol})
        return await RequestStream(self, stream=stream, response_model=Tick)

    async def user_data(self, key):
        return await RequestStream(self, key, response_model=Events)

    def gone(self):
        return send_request(self, method="GET", path="/fapi/v1/gone", response_model=Depth)
"""
MODELS = """
from dataclasses import dataclass

@dataclass
class Depth:
    lastUpdateId: int

@dataclass
class Tick:
    p: str

@dataclass
class Price:
    price: str

@dataclass
class Account:
    E: int

class Events:
    pass

EVENTS_EVENT_SCHEMA_MAP = {"ACCOUNT_UPDATE": Account}
"""


@pytest.fixture
def sdk(tmp_path, monkeypatch):
    folder = tmp_path / "made_sdk"
    folder.mkdir()
    for name, text in (("__init__", ""), ("api", API), ("models", MODELS)):
        (folder / f"{name}.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield imported("made_sdk", package=True)
    for name in [name for name in sys.modules if name.partition(".")[0] == "made_sdk"]:
        del sys.modules[name]


def test_each_method_names_its_contract_and_its_model(sdk):
    found = contracts_of(list(models_of(sdk)), ContractMapping(load_store(CONTRACTS)))
    assert {(one.name, one.model.__name__): ids for one, ids in found} == {
        ("/fapi/v1/depth", "Depth"): ["usdm/rest/GET.fapi.v1.depth"],
        ("/futures/data/basis", "Depth"): ["usdm/rest/GET.futures.data.basis"],  # of the SDK's own product
        ("ticker.price", "Price"): ["usdm/ws-api/ticker.price"],
        ("<symbol>@aggTrade", "Tick"): ["usdm/stream/aggTrade"],
        ("ACCOUNT_UPDATE", "Account"): ["usdm/event/ACCOUNT_UPDATE"],
        ("/fapi/v1/gone", "Depth"): [],
    }
