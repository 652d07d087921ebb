"""A scene says what became of its case's request, and undoes what was prepared."""

from __future__ import annotations

from contextlib import AsyncExitStack
from decimal import Decimal
from types import SimpleNamespace

import pytest

from wireproof.errors import BlockedError
from wireproof.suite.state.scene import Scene, Trading
from wireproof.suite.state.symbols import Quote


def scene_of(stack=None, *, status=200, raw=b"{}", codes=None, leftovers=None):
    """Return a scene whose case was answered."""
    expect = SimpleNamespace(codes=codes) if codes is not None else None
    unused = SimpleNamespace()
    return Scene(
        case=SimpleNamespace(expect=expect, needs=()),
        account=unused,
        trading=Trading({}, {}),
        new_session=unused,
        new_user_stream=unused,
        on_listen_key=unused,
        remember_block=unused,
        report_leftover=(leftovers if leftovers is not None else []).append,
        remember_mode=unused,
        remember_setting=unused,
        forget_setting=unused,
        set_back=unused,
        answer_to=unused,
        stack=stack,
        reply=SimpleNamespace(status=status, raw=raw),
    )


@pytest.mark.parametrize(
    ("status", "raw", "codes", "told"),
    [
        (200, b"{}", None, (True, True, False)),
        (400, b'{"code":-1121,"msg":"Invalid symbol."}', None, (False, False, True)),
        (400, b'{"code":-1121,"msg":"Invalid symbol."}', (-1121,), (False, True, True)),
        (503, b"", None, (False, False, False)),
    ],
)
def test_an_answer_tells_what_became_of_the_case(status, raw, codes, told):
    scene = scene_of(status=status, raw=raw, codes=codes)
    assert (scene.succeeded, scene.answered_as_wanted, scene.refused) == told


async def test_what_cannot_be_undone_is_reported():
    async def fail():
        raise BlockedError("it is gone")

    leftovers = []
    async with AsyncExitStack() as stack:
        scene_of(stack, leftovers=leftovers).later("order wp-1 on BTCUSDT", fail)
    assert leftovers == ["order wp-1 on BTCUSDT: it is gone"]


@pytest.mark.parametrize("name", ["/sapi/v1/portfolio/delta-mode", "DELETE /sapi/v1/portfolio/margin-call-level"])
def test_a_whole_path_needs_no_book(name):
    assert scene_of().path(name) == name


def test_a_symbol_without_prices_is_not_usable():
    quote = Quote(Decimal(1), Decimal(2))
    trading = Trading({"BTCUSDT": None, "ETHUSDT": None}, {"BTCUSDT": quote})
    assert trading.usable(None) == ["BTCUSDT"]
