"""Listen keys: one per account and product, valid for 60 minutes, renewed by start and ping.

https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.venue.base.auth import random_token
from wireproof.venue.base.refusals import no_listen_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.venue.base.venue_clock import Clock
    from wireproof.venue.exchange.records import Account

LIFE_MS = 60 * 60_000


@dataclass(slots=True)
class _Key:
    text: str
    expires: int


class ListenKeys:
    """The active keys. `on_end` is called with each key that ends, by expiry or by request, and with its product."""

    def __init__(self, clock: Clock, on_end: Callable[[str, str], None]) -> None:
        self._clock, self._on_end = clock, on_end
        # By account name, not by API key: a second one of an account gets the same listen key.
        self._keys: dict[tuple[str, str], _Key] = {}

    def start(self, account: Account, product: str) -> str:
        """Return the account's active key, renewed, or a new one; each product has its own."""
        self.expire_due()
        name = (account.name, product)
        key = self._keys.get(name)
        if key is None:
            key = self._keys[name] = _Key(random_token(), 0)
        key.expires = self._clock.now_ms() + LIFE_MS
        return key.text

    def ping(self, account: Account, product: str) -> str:
        """Renew the account's active key; -1125 without one."""
        self.expire_due()
        if (account.name, product) not in self._keys:
            raise no_listen_key()
        return self.start(account, product)

    def stop(self, account: Account, product: str) -> None:
        """End the account's active key; -1125 without one."""
        self.expire_due()
        if (account.name, product) not in self._keys:
            raise no_listen_key()
        self.end(account, product)

    def end(self, account: Account, product: str) -> None:
        """End the account's active key, if there is one."""
        key = self._keys.pop((account.name, product), None)
        if key is not None:
            self._on_end(key.text, product)

    def active(self, account: Account, product: str) -> str | None:
        """Return the account's active key."""
        key = self._keys.get((account.name, product))
        return key.text if key is not None and key.expires > self._clock.now_ms() else None

    def expires(self, account: Account, product: str) -> int | None:
        """Return when the account's active key expires."""
        key = self._keys.get((account.name, product))
        return key.expires if key is not None else None

    def expire_due(self) -> None:
        """End every key whose hour is over."""
        now = self._clock.now_ms()
        for name in [name for name, key in self._keys.items() if key.expires <= now]:
            self._on_end(self._keys.pop(name).text, name[1])
