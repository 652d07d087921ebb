"""What became of a request that met trouble is looked up."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

import pytest
from multidict import CIMultiDict

from wireproof.recognition import recognise
from wireproof.suite.products.registry import DRIVERS
from wireproof.suite.run_context import SECOND_LOOK_SECONDS
from wireproof.suite.running import fate
from wireproof.suite.state.account import RefusedError
from wireproof.suite.state.own_answers import Answer, itself
from wireproof.torture.relay import HttpAnswer
from wireproof.wire.reply import Reply

ORDER, CANCEL = "usdm/rest/POST.fapi.v1.order/limit-gtc", "usdm/rest/DELETE.fapi.v1.order/by-order-id"


def said(status, body):
    if isinstance(body, str):
        return HttpAnswer(status, CIMultiDict({"Content-Type": "text/html; charset=utf-8"}), body.encode())
    headers = CIMultiDict({"Content-Type": "application/json; charset=utf-8"})
    return HttpAnswer(status, headers, json.dumps(body).encode())


class SlowBook:
    """An account on whose book an order is found only at a given look."""

    def __init__(self, found_at):
        self.found_at, self.looks, self.asked, self.driver = found_at, 0, [], DRIVERS["usdm"]

    async def ask(self, method, params, read=itself):
        """Answer like the WebSocket API."""
        self.asked.append((method, params))
        if method == "order.status":
            self.looks += 1
            if self.looks < self.found_at:
                raise RefusedError(method, recognise(400, b'{"code":-2013,"msg":"Order does not exist."}'))
        return read(Answer(method, {"status": "NEW"}))


ANSWERS = {
    "unknown": (503, {"code": -1000, "msg": "Unknown error, please check your request."}, True),
    "time-out": (408, {"code": -1007, "msg": "Timeout waiting for response from backend server."}, True),
    "page": (502, {}, True),
    "overload": (503, {"code": -1008, "msg": "Request throttled by system-level protection."}, False),
    "shutting-down": (400, {"code": -1016, "msg": "This service is no longer available."}, False),
    "unavailable": (503, {"msg": "Service Unavailable."}, False),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_an_order_on_its_way_is_looked_up_again_unless_it_is_documented_to_have_failed(
    name, planned, monkeypatch
):
    """After the receive window and a second; a test waits no real seconds."""
    status, body, looks_again = ANSWERS[name]
    waited = []

    async def sleep(seconds):
        waited.append(seconds)

    # Of this module alone: a venue that serves beside it would spin if nothing slept any more.
    monkeypatch.setattr(fate, "asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": sleep}))
    account = SlowBook(found_at=2)
    scene = SimpleNamespace(case=planned[ORDER], account=account)
    reply = Reply("", "", json.dumps(body).encode(), status, 0.0, 0.0, 1)
    said = await fate.fate_of(
        scene, {"symbol": "BTCUSDT", "newClientOrderId": "wp-1"}, reply, second_look=SECOND_LOOK_SECONDS
    )
    assert waited == ([6.0] if looks_again else [])
    became = "it stood (NEW) and was cancelled." if looks_again else "it does not exist."
    assert said == f"Order wp-1 was looked up: {became}"
    cancelled = [method for method, _ in account.asked if method == "order.cancel"]
    assert cancelled == (["order.cancel"] if looks_again else [])


@pytest.mark.parametrize(
    ("params", "algo", "found"),
    [
        ({"symbol": "A", "orderId": 7}, False, [{"symbol": "A", "orderId": 7}]),
        ({"symbol": "A", "origClientOrderId": "x"}, False, [{"symbol": "A", "origClientOrderId": "x"}]),
        ({"symbol": "A", "newClientOrderId": "x"}, False, [{"symbol": "A", "origClientOrderId": "x"}]),
        (
            {"symbol": "A", "orderIdList": "[1,2]"},
            False,
            [{"symbol": "A", "orderId": 1}, {"symbol": "A", "orderId": 2}],
        ),
        ({"symbol": "A", "origClientOrderIdList": ["x"]}, False, [{"symbol": "A", "origClientOrderId": "x"}]),
        (
            {"batchOrders": '[{"symbol":"B","newClientOrderId":"x"},{"symbol":"C","orderId":3}]'},
            False,
            [{"symbol": "B", "origClientOrderId": "x"}, {"symbol": "C", "orderId": 3}],
        ),
        ({"symbol": "A", "clientAlgoId": "x"}, True, [{"clientAlgoId": "x"}]),
        ({"symbol": "A", "algoId": 9}, True, [{"algoId": 9}]),
        ({"symbol": "A"}, False, []),
        ({"symbol": "A", "batchOrders": "not a list"}, False, []),
    ],
)
def test_the_orders_that_a_request_names_are_found_in_its_parameters(params, algo, found):
    book = DRIVERS["usdm"].books[0]
    assert [order.params for order in fate.orders_named(params, book.algo_orders if algo else book.orders)] == found


async def test_a_product_without_a_book_has_settings_whose_fate_is_unknown(planned):
    """Its account is asked for nothing."""
    case = planned["portfolio-margin-pro/rest/POST.sapi.v1.portfolio.delta-mode/other"]
    scene = SimpleNamespace(case=case, account=SimpleNamespace(driver=DRIVERS["portfolio-margin-pro"]))
    reply = Reply("", "", b"{}", 504, 0.0, 0.0, 1)
    said = await fate.fate_of(scene, {"deltaEnabled": "true"}, reply, second_look=0)
    assert said == "Whether it took effect is unknown."


class Settled:
    """An account whose settings can be asked for; one request may be refused."""

    name = "hmac"

    def __init__(self, *, refused=False):
        self.driver, self.refused = DRIVERS["usdm"], refused
        self.listen_key_requests = self.driver.listen_key

    async def ask_rest(self, verb, path, _params=None, read=itself):
        """Answer a read of a setting."""
        await asyncio.sleep(0)
        if self.refused:
            raise RefusedError(f"{verb} {path}", recognise(400, b'{"code":-1102,"msg":"No."}'))
        row = {"symbol": "BTCUSDT", "leverage": "7", "marginType": "isolated"}
        told = {"dualSidePosition": True, "multiAssetsMargin": False, "feeBurn": True}
        return read(Answer(f"{verb} {path}", [row] if path.endswith("positionRisk") else told))

    async def ask(self, _method, _params, read):
        """Answer a read of a position."""
        return await self.ask_rest("GET", "/fapi/v2/positionRisk", None, read)

    async def ask_keyed(self, method):
        """Say that no listen key is active."""
        await asyncio.sleep(0)
        raise RefusedError(method, recognise(400, b'{"code":-1125,"msg":"This listenKey does not exist."}'))


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("POST.fapi.v1.leverage/default", "It was looked up: the leverage of BTCUSDT is 7."),
        ("POST.fapi.v1.marginType/default", "It was looked up: the margin of BTCUSDT is isolated."),
        ("POST.fapi.v1.positionSide.dual/hedge", "It was looked up: hedge mode of hmac is on."),
        ("POST.fapi.v1.multiAssetsMargin/multi-assets", "It was looked up: multi_assets mode of hmac is off."),
        ("POST.fapi.v1.feeBurn/other", "It was looked up: fee burn of hmac is on."),
        ("POST.fapi.v1.listenKey/fresh", "It was looked up: no listen key of hmac is active."),
        ("POST.fapi.v1.countdownCancelAll/start", "Nothing tells whether the countdown runs; it is stopped."),
        ("POST.fapi.v1.positionMargin/add", "Whether it took effect is unknown."),
    ],
)
async def test_a_setting_whose_answer_was_lost_is_looked_up(case, said, planned):
    """What no request tells is called unknown."""
    scene = SimpleNamespace(case=planned[f"usdm/rest/{case}"], account=Settled(), book=DRIVERS["usdm"].books[0])
    assert await fate.fate_of(scene, {"symbol": "BTCUSDT"}, second_look=0.01) == said


async def test_a_setting_that_cannot_be_looked_up_is_said_to_be_so(planned):
    """With why."""
    case, book = planned["usdm/rest/POST.fapi.v1.feeBurn/other"], DRIVERS["usdm"].books[0]
    scene = SimpleNamespace(case=case, account=Settled(refused=True), book=book)
    said = await fate.fate_of(scene, {}, second_look=0.01)
    assert said.startswith("Whether it took effect could not be looked up (GET /fapi/v1/feeBurn was answered with")
