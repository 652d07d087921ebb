"""Methods of an SDK: REST requests, WebSocket API methods, streams, events, and their parameters."""

from __future__ import annotations

import tiny_sdks

from wireproof.contract.model import Param, Security, WeightRule
from wireproof.pages.sdk import answer_models
from wireproof.pages.sdk.client_code import contents_of
from wireproof.pages.sdk.package_files import Package

ENUMS = """
class SideEnum(Enum):
    BUY = "BUY"
    SELL = "SELL"


class YesEnum(Enum):
    T = "true"
    F = "false"
"""
ANSWER = tiny_sdks.model("Answer", "x: Optional[StrictInt] = None")


def entries(*requests, models=ANSWER, more=None):
    files = tiny_sdks.sources("".join(requests), models, ENUMS, more)
    return contents_of(Package("tiny", "1", files)).entries


def test_a_request_is_read_with_its_parameters():
    found = entries(
        tiny_sdks.request(
            "/fapi/v1/order",
            "Answer",
            {
                "symbol": ("Union[str, None]", "The symbol"),
                "side": ("Optional[SideEnum] = None", ""),
                "reduce_only": ("Optional[YesEnum] = None", ""),
                "limit": ("Optional[int] = None", "Default 100; max 1000"),
                "price": ("Optional[float] = None", ""),
                "var_from": ("Optional[str] = None", ""),
                "recv_window": ("Optional[Annotated[int, Field(le=60000, strict=True)]] = None", ""),
            },
            verb="POST",
            security="TRADE",
            weight="limit | weight\n------ | ----\n100 | 5\n1000 | 20",
        )
    )
    entry = found["rest", "POST /fapi/v1/order"]
    assert entry.params == (
        Param(name="symbol", type="STRING", required=True),
        Param(name="side", type="ENUM", enum=("BUY", "SELL")),
        Param(name="reduceOnly", type="BOOLEAN", enum=("true", "false")),
        Param(name="limit", type="LONG", default=100, maximum=1000),
        Param(name="price", type="DECIMAL"),
        Param(name="from", type="STRING"),
        Param(name="recvWindow", type="LONG", maximum=60000),
        Param(name="timestamp", type="LONG", required=True),
    )
    assert entry.security is Security.TRADE
    assert entry.weight is not None
    assert entry.weight.rules[-1] == WeightRule(param="limit", given=False, ip=5)
    assert entry.fields == {"": ("object",), "x": ("integer",)}


def test_the_elements_of_a_list_are_read_from_their_model():
    models = ANSWER + tiny_sdks.model("Element", 'order_id: Optional[int] = Field(default=None, alias="orderId")')
    request = tiny_sdks.request("/fapi/v1/batch", "Answer", {"orders": ("Union[List[Element], None]", "")}, verb="PUT")
    (entry,) = entries(request, models=models).values()
    assert entry.params[0].type == "ARRAY"
    assert entry.params[0].items == (Param(name="orderId", type="LONG"),)


def test_methods_of_the_websocket_api_streams_and_events_are_read():
    ws = '''
class Api:
    async def place(self, symbol: Union[str, None], id: Optional[str] = None):
        """
        Place (TRADE)
        /order.place
        https://developers.binance.com/x

        Security Type: TRADE
        """
        payload = {"method": "/order.place".replace("/", "", 1), "params": {"symbol": symbol}}
        return await self.api.send_signed_message(payload=payload, response_model=Answer)
'''
    streams = """
class Streams:
    async def trades(self, symbol: Union[str, None], id: Optional[str] = None):
        stream = ws_streams_placeholder("/<symbol>@aggTrade".replace("/", "", 1), {"symbol": symbol, "id": id})
        return await RequestStream(self.base, stream=stream, response_model=Answer)

    async def user_data(self, listenKey: str):
        return await RequestStream(self, listenKey, response_model=Events)
"""
    events = (
        tiny_sdks.model("Lite", "q: Optional[StrictStr] = None")
        + "class Events(BaseModel):\n    oneof_schema_1_validator: Optional[Lite] = None\n"
        + 'X_EVENT_SCHEMA_MAP = {"TRADE_LITE": Lite}\n'
    )
    found = entries(
        more={
            "sdk/websocket_api/api/a.py": ws,
            "sdk/websocket_streams/websocket_streams.py": streams,
            "sdk/websocket_streams/models/m.py": events,
        }
    )
    assert found.keys() == {("ws-api", "order.place"), ("stream", "<>@aggTrade"), ("event", "tradelite")}
    placed = found["ws-api", "order.place"]
    assert [param.name for param in placed.params] == ["symbol", "timestamp"]
    assert found["event", "tradelite"].fields == {"": ("object",), "q": ("string",)}


def test_code_that_is_made_to_exhaust_a_reader_is_read_up_to_a_bound(monkeypatch):
    monkeypatch.setattr(answer_models, "MOST_PATHS", 300)
    chain = "self" + ".replace('a', 'b')" * 900
    deep = f"""
    def deep(self, a: {" | ".join(["int"] * 900)} = None):
        return send_request(method=x{chain}, path="/fapi/v1/deep", response_model=Answer)
"""
    unions = "".join(
        f"class U{n}(BaseModel):\n    oneof_schema_1_validator: Optional[U{n + 1}] = None\n"
        f"    oneof_schema_2_validator: Optional[V{n + 1}] = None\n"
        f"class V{n}(BaseModel):\n    oneof_schema_1_validator: Optional[U{n + 1}] = None\n"
        f"    oneof_schema_2_validator: Optional[V{n + 1}] = None\n"
        for n in range(40)
    )
    words = "|" + "-" * 100_000 + "x"
    found = entries(deep, tiny_sdks.request("/fapi/v1/union", "U0", words=words), models=ANSWER + unions)
    assert ("rest", "GET /fapi/v1/union") in found
