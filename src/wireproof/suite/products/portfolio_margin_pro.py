"""Portfolio margin pro: one joint account over spot and futures, whose orders are those of other products.

There is no WebSocket API, and no book. Its private stream is opened with the listen key of USDⓈ-M.
https://developers.binance.com/docs/derivatives/portfolio-margin-pro/general-info
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.suite.products.base import ListenKeyRequests, ProductDriver

if TYPE_CHECKING:
    from wireproof.suite.products.witness_requests import Witness

DRIVER = ProductDriver(
    product="portfolio-margin-pro",
    limit_pool="sapi",
    time="GET /api/v3/time",
    ws_api=False,
    probe="GET /sapi/v1/portfolio/account",
    no_account="this account is not a portfolio margin account",
    key_permissions="GET /sapi/v1/account/apiRestrictions",
    listen_key=ListenKeyRequests(
        start="POST /fapi/v1/listenKey",
        extend="PUT /fapi/v1/listenKey",
        close="DELETE /fapi/v1/listenKey",
        in_path=True,  # docs/exchange.md#portfolio-margin-pro-streams
        source="usdm",
    ),
    balance="GET /sapi/v1/portfolio/balance",
)

#: There are no market streams, so nothing has to witness for one.
WITNESSES: dict[str, Witness] = {}
UNWITNESSED: dict[str, str] = {}
