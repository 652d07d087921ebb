"""Tours of the exchange's official SDKs: what calls them, what listens with them, what they leave undecoded.

Import it after `pytest.importorskip` of `binance_common`, the package that all of them share.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections import Counter
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Self
from unittest.mock import patch

import pytest
from binance_common.configuration import ConfigurationRestAPI, ConfigurationWebSocketStreams
from binance_common.utils import parse_user_event
from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

# Requests by path: they end in a TypeError within the SDK; see README.md of the clients' tests.
BY_PATH = {"send_request", "send_signed_request"}


def unknown_fields(value: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of fields in a decoded answer that the SDK's models do not know."""
    if isinstance(value, list):
        for one in value:
            yield from unknown_fields(one, f"{path}[]")
    elif isinstance(value, BaseModel) and "actual_instance" in type(value).model_fields:
        assert value.actual_instance is not None, f"{type(value).__name__} {path}: no variant fits"
        yield from unknown_fields(value.actual_instance, path)
    elif isinstance(value, BaseModel):
        yield from (f"{path}.{name}" for name in getattr(value, "additional_properties", None) or {})
        for name in type(value).model_fields:
            if name != "additional_properties":
                yield from unknown_fields(getattr(value, name), f"{path}.{name}")


class OfficialSdk:
    """An official SDK, which is imported with its first client: that takes up to a second of every worker otherwise.

    Made in a module of tests, it skips the module where the SDK is not installed.

    Args:
        package: The name that it is imported by.
        client: The class in it that all its clients are made with.
    """

    def __init__(self, package: str, client: str) -> None:
        if find_spec(package) is None:
            pytest.skip("the official SDK is not installed: pip install -e '.[clients]'", allow_module_level=True)
        self._package, self._client = package, client

    def __call__(self, **configurations: Any) -> Any:
        """Return the SDK, configured by surface."""
        return getattr(importlib.import_module(self._package), self._client)(**configurations)

    def rest(self, served: Any, name: str) -> Any:
        """Return the SDK's client that asks the venue over REST with an account's key, of whichever kind it is."""
        return self(config_rest_api=ConfigurationRestAPI(**served.sdk(name))).rest_api

    def streams(self, url: str) -> Any:
        """Return the SDK's streams at an address, not connected."""
        return self(config_ws_streams=ConfigurationWebSocketStreams(stream_url=url)).websocket_streams


class Tour:
    """Calls an SDK over REST and notes which of its methods it called.

    Args:
        known: By method, the paths of fields that the exchange sends and the SDK's models lack; README.md has why.
        uncalled: Methods that are not called, with the reason.
    """

    def __init__(self, known: Mapping[str, set[str]], uncalled: Iterable[str] = ()) -> None:
        self.known, self.uncalled = known, {*BY_PATH, *uncalled}
        self.called: set[str] = set()
        self.unknown: dict[str, set[str]] = {}

    def call(self, api: Any, method: str, **params: Any) -> Any:
        """Send a request; return its answer, decoded, with no field beyond those that are known to be missing."""
        data = getattr(api, method)(**params).data()
        self.called.add(method)
        found = set(unknown_fields(data))
        assert found <= self.known.get(method, set()), f"{method}: {sorted(found)}"
        if found:
            self.unknown.setdefault(method, set()).update(found)
        return data

    def assert_complete(self, api: Any, request: pytest.FixtureRequest) -> None:
        """Assert that every method was called or is said not to be, and that every known field was missing.

        Skips when only part of the tests of the module runs.
        """
        there = {item.originalname for item in request.session.items if item.module is request.module}
        if there < {name for name in vars(request.module) if name.startswith("test_")}:
            pytest.skip("only part of the tour was made")
        methods = {name for name in vars(type(api)) if not name.startswith("_")}
        left = methods - self.called
        assert left == self.uncalled, f"other methods than expected were not called: {sorted(left ^ self.uncalled)}"
        assert self.unknown == self.known, f"fields beyond the models: {self.unknown}"


class Listener:
    """An SDK's streams, and what they said, by the method that subscribed.

    `unknown` has fields of user-data events that the SDK's models lack, as the event's name and a path.

    Args:
        sdk: The streams, not connected.
    """

    def __init__(self, sdk: Any) -> None:
        self.sdk = sdk
        self.heard: Counter[str] = Counter()
        self.errors: list[Any] = []
        self.unknown: set[str] = set()
        self.messages: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self._decoding = patch("binance_common.websocket.parse_user_event", self._decode)

    async def __aenter__(self) -> Self:
        self._decoding.start()
        await self.sdk.create_connection()
        self.sdk.on_connection("error", lambda *what: self.errors.append(what))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.sdk.close_connection(close_session=True)
        self._decoding.stop()

    def _decode(self, payload: dict[str, Any], model: Any) -> Any:
        """Decode as the SDK does, and note which fields that drops silently; `e` is in no model."""
        name = payload["e"]
        found = unknown_fields(model.from_dict(payload))
        self.unknown |= {name + path for path in found if path != ".e"}
        return parse_user_event(payload, model)

    async def listen(self, method: str, **params: Any) -> None:
        """Subscribe by the SDK's method."""
        stream = await getattr(self.sdk, method)(**params)

        def take(message: Any) -> None:
            self.heard[method] += 1
            self.messages.put_nowait((method, message))

        stream.on("message", take)

    async def until(self, done: Callable[[list[tuple[str, Any]]], bool]) -> list[tuple[str, Any]]:
        """Take in messages until `done` says so; return them."""
        taken: list[tuple[str, Any]] = []
        async with asyncio.timeout(60):
            while not done(taken):
                taken.append(await self.messages.get())
        return taken

    async def until_kinds(self, *kinds: str) -> None:
        """Take in user-data events until each of these models came, or an event of that name without its model."""
        left = set(kinds)
        async with asyncio.timeout(60):
            while left:
                left.discard(kind_of((await self.messages.get())[1]))

    async def wait_in_force(self, cause: Callable[[int], Any]) -> None:
        """Call `cause` with 1, 2, … until an event follows: the SDK does not wait for the answer to SUBSCRIBE."""
        for attempt in range(1, 41):
            await cause(attempt)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.messages.get(), timeout=0.5)
                return
        raise AssertionError("the subscription never came into force")


def kind_of(event: Any) -> str:
    """Return the name of the model that a user-data event was decoded by; its `e` if the SDK found none."""
    found = event.actual_instance
    return str(found["e"]) if isinstance(found, dict) else type(found).__name__
