"""Block trades: one account offers a trade of one contract at a price, another one accepts it.

https://developers.binance.com/docs/derivatives/options-trading/market-maker-block-trade
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.options.option_placement import check_price, check_quantity
from wireproof.venue.products.options.option_records import OptionRequest

if TYPE_CHECKING:
    from decimal import Decimal

    from wireproof.venue.products.options.option_flow import OptionFlow
    from wireproof.venue.products.options.option_instruments import OptionContract
    from wireproof.venue.products.options.option_records import OptionAccount, OptionFill

LIFE_MS = 30 * 60_000
SHOWN = frozenset({"RECEIVED", "ACCEPTED"})  # docs/exchange.md#options-block-trades
OTHER_SIDE = {"BUY": "SELL", "SELL": "BUY"}
OTHER_LIQUIDITY = {"TAKER": "MAKER", "MAKER": "TAKER"}


@dataclass(slots=True, eq=False)
class BlockTrade:
    """An offer, as its maker sees it; the other account has the other side and the other liquidity."""

    key: str
    account: OptionAccount
    liquidity: str
    contract: OptionContract
    side: str
    quantity: Decimal
    price: Decimal
    created: int
    expires: int
    status: str = "RECEIVED"


@dataclass(frozen=True, slots=True)
class BlockFill:
    """What one of the two accounts got of a block trade; `parent` is the id of the whole trade."""

    parent: int
    block: BlockTrade
    liquidity: str
    fill: OptionFill


def invalid_block() -> Refusal:
    """-6048: what is asked for is no block trade, or none that the account may touch."""
    return Refusal(-6048, "Block order parameter is invalid")


class BlockDesk:
    """The block trades of all accounts, by key."""

    def __init__(self, flow: OptionFlow) -> None:
        self._flow = flow
        self._blocks: dict[str, BlockTrade] = {}
        self._fills: dict[str, list[BlockFill]] = {}

    def create(
        self, account: OptionAccount, liquidity: str, contract: OptionContract, terms: tuple[str, Decimal, Decimal]
    ) -> BlockTrade:
        """Offer a trade; `terms` are side, quantity and price."""
        state = self._flow.state
        side, quantity, price = terms
        check_quantity(contract, quantity)
        check_price(state, contract, side, price)
        now = state.now()
        key = str(UUID(int=state.rng.getrandbits(128), version=4))
        block = BlockTrade(key, account, liquidity, contract, side, quantity, price, now, now + LIFE_MS)
        self._blocks[key] = block
        return block

    def find(self, key: str) -> BlockTrade:
        """Return a block trade; -6048 when there is none of the key."""
        found = self._blocks.get(key)
        if found is None:
            raise invalid_block()
        if found.status == "RECEIVED" and found.expires <= self._flow.state.now():
            found.status = "EXPIRED"
        return found

    def _pending(self, key: str) -> BlockTrade:
        found = self.find(key)
        if found.status != "RECEIVED":
            raise Refusal(-6028, "Order is in final state")
        return found

    def _own(self, account: OptionAccount, key: str) -> BlockTrade:
        found = self._pending(key)
        if found.account is not account:
            raise invalid_block()
        return found

    def extend(self, account: OptionAccount, key: str) -> BlockTrade:
        """Let an own offer live for another half hour from now."""
        found = self._own(account, key)
        found.expires = self._flow.state.now() + LIFE_MS
        return found

    def cancel(self, account: OptionAccount, key: str) -> None:
        """Withdraw an own offer."""
        self._own(account, key).status = "CANCELLED"

    def accept(self, account: OptionAccount, key: str) -> BlockTrade:
        """Accept another account's offer: both trade at its price, outside the book."""
        block = self._pending(key)
        if block.account is account:
            raise invalid_block()
        block.status = "ACCEPTED"
        state, contract = self._flow.state, block.contract
        taker_side = block.side if block.liquidity == "TAKER" else OTHER_SIDE[block.side]
        trade = state.market(contract).record(
            block.price, block.quantity, sold=taker_side == "SELL", now=state.now(), block=True
        )
        parent = self._flow.next_id()
        for one, side, liquidity in (
            (block.account, block.side, block.liquidity),
            (account, OTHER_SIDE[block.side], OTHER_LIQUIDITY[block.liquidity]),
        ):
            order = self._flow.take_in(one, OptionRequest(contract, side, block.quantity, block.price))
            self._flow.fill(order, trade, maker=liquidity == "MAKER")
            self._fills.setdefault(one.name, []).append(BlockFill(parent, block, liquidity, one.fills[-1]))
        state.traded.send((state.market(contract), trade))
        return block

    def shown(self, key: str) -> BlockTrade:
        """Return a block trade that waits or was accepted; -6048 for others, whose status has no documented word."""
        found = self.find(key)
        if found.status not in SHOWN:
            raise invalid_block()
        return found

    def offers(self, account: OptionAccount) -> list[BlockTrade]:
        """Return what the account has offered and what waits or was accepted, oldest first."""
        own = [self.find(block.key) for block in list(self._blocks.values()) if block.account is account]
        return [block for block in own if block.status in SHOWN]

    def fills(self, account: OptionAccount) -> list[BlockFill]:
        """Return the account's block trades, oldest first."""
        return self._fills.get(account.name, [])
