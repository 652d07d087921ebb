"""Downloads of orders, trades and income: an id at once, the link once the file is prepared.

https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api/Get-Download-Id-For-Futures-Order-History
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from wireproof.venue.base.refusals import Refusal, invalid_data

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireproof.venue.base.params import Params
    from wireproof.venue.exchange.records import Account

Json = dict[str, Any]
PREPARING_MS = 1_000  # the exchange needs minutes
LIFE_MS = 24 * 3_600_000
MONTH_MS = 30 * 24 * 3_600_000
YEAR_MS = 366 * 24 * 3_600_000
# Requests a month by what is downloaded; the one for income is shared by both products (documented).
A_MONTH = {"order": 10, "trade": 5, "income": 100}
A_MONTH_OF_PORTFOLIO = A_MONTH | {"income": 5}  # within portfolio margin (documented)
KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Download:
    """One file that was asked for."""

    number: str
    account: Account
    kind: str  # order, trade or income
    unit: str  # the business unit
    start: int
    end: int
    ready: int


class Downloads:
    """Every download asked for. `root` is the address below which files are served."""

    def __init__(self) -> None:
        self.root = ""
        self._numbers = count(546_975_389_218_332_672)
        self._downloads: dict[str, Download] = {}
        self._asked: dict[tuple[str, str], deque[int]] = {}

    def request(
        self, account: Account, params: Params, kind: str, unit: str, now: int, *, a_month: Mapping[str, int] = A_MONTH
    ) -> Json:
        """Return a new download's id; -1023 and -4165 for a wrong period, -1003 for too many in a month."""
        start, end = params.needed_integer("startTime"), params.needed_integer("endTime")
        if start > end:
            raise Refusal(-1023, "Start time is greater than end time.")
        if end - start > YEAR_MS:
            raise Refusal(-4165, "Maximum time interval is 366 days")
        self._count(account, kind if kind == "income" else f"{kind} {unit}", a_month[kind], now)
        number = str(next(self._numbers))
        self._downloads[number] = Download(number, account, kind, unit, start, end, now + PREPARING_MS)
        if len(self._downloads) > KEPT:
            del self._downloads[next(iter(self._downloads))]
        return {"avgCostTimestampOfLast30d": PREPARING_MS, "downloadId": number}

    def _count(self, account: Account, what: str, most: int, now: int) -> None:
        asked = self._asked.setdefault((account.name, what), deque(maxlen=max(A_MONTH.values())))
        while asked and asked[0] <= now - MONTH_MS:
            asked.popleft()
        if len(asked) >= most:
            raise Refusal(-1003, f"Too many requests; current limit is {most} requests per month.", status=429)
        asked.append(now)

    def link(self, account: Account, params: Params, kind: str, unit: str, now: int) -> Json:
        """Return a download's link; -1130 for an id that is not the account's own."""
        download = self._downloads.get(params.needed_text("downloadId"))
        if download is None or (download.kind, download.unit) != (kind, unit) or download.account is not account:
            raise invalid_data("downloadId")
        done = now >= download.ready
        return {
            "downloadId": download.number,
            "status": "completed" if done else "processing",
            "url": f"{self.root}/{download.number}.csv" if done else "",
            "notified": done,
            "expirationTimestamp": download.ready + LIFE_MS if done else -1,
            "isExpired": None,
        }

    def find(self, number: str, now: int) -> Download | None:
        """Return a download whose file is ready; None when there is none, or its link has expired."""
        download = self._downloads.get(number)
        return download if download is not None and download.ready <= now <= download.ready + LIFE_MS else None
