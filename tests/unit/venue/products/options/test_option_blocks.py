"""Block trades between two accounts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.options.option_blocks import LIFE_MS


def offer(options, side="BUY", liquidity="TAKER", price="7000", quantity="0.5"):
    terms = (side, Decimal(quantity), Decimal(price))
    return options.engine.blocks.create(options.alice, liquidity, options.contract, terms)


def code(call, *args):
    with pytest.raises(Refusal) as caught:
        call(*args)
    return caught.value.code


def test_an_offer_waits_for_half_an_hour(options):
    block = offer(options)
    assert (block.status, block.expires - block.created) == ("RECEIVED", LIFE_MS)
    options.clock.advance(LIFE_MS)
    assert options.engine.blocks.find(block.key).status == "EXPIRED"
    assert code(options.engine.blocks.accept, options.bob, block.key) == -6028


def test_extending_gives_half_an_hour_from_now(options):
    block = offer(options)
    options.clock.advance(LIFE_MS - 1)
    options.engine.blocks.extend(options.alice, block.key)
    assert block.expires == options.engine.now() + LIFE_MS


@pytest.mark.parametrize(("side", "liquidity", "sold"), [("BUY", "TAKER", False), ("BUY", "MAKER", True)])
def test_accepting_trades_at_the_offered_price(options, side, liquidity, sold):
    block = offer(options, side, liquidity)
    options.engine.blocks.accept(options.bob, block.key)
    assert block.status == "ACCEPTED"
    assert options.alice.amount(options.contract) == Decimal("0.5")
    assert options.bob.amount(options.contract) == Decimal("-0.5")
    trade = options.engine.market(options.contract).blocks[-1]
    assert (trade.price, trade.quantity, trade.sold, trade.block) == (7_000, Decimal("0.5"), sold, True)
    (mine,), (theirs,) = options.engine.blocks.fills(options.alice), options.engine.blocks.fills(options.bob)
    assert mine.parent == theirs.parent
    assert {mine.liquidity, theirs.liquidity} == {"MAKER", "TAKER"}
    assert mine.fill.maker == (liquidity == "MAKER")


def test_only_another_account_accepts(options):
    block = offer(options)
    assert code(options.engine.blocks.accept, options.alice, block.key) == -6048


def test_only_its_maker_changes_an_offer(options):
    block = offer(options)
    assert code(options.engine.blocks.extend, options.bob, block.key) == -6048
    assert code(options.engine.blocks.cancel, options.bob, block.key) == -6048


def test_a_cancelled_offer_is_final(options):
    block = offer(options)
    options.engine.blocks.cancel(options.alice, block.key)
    assert block.status == "CANCELLED"
    assert code(options.engine.blocks.cancel, options.alice, block.key) == -6028


def test_unknown_keys_are_refused(options):
    assert code(options.engine.blocks.find, "7d046e6e") == -6048


def test_offers_keep_to_the_filters(options):
    assert code(offer, options, "BUY", "TAKER", "7001") == -4029
    assert code(offer, options, "BUY", "TAKER", "7000", "0.001") == -4004


def test_an_account_sees_its_own_offers(options):
    block = offer(options)
    assert options.engine.blocks.offers(options.alice) == [block]
    assert options.engine.blocks.offers(options.bob) == []
    assert options.engine.blocks.fills(options.bob) == []


def test_what_was_withdrawn_is_listed_no_more(options):
    block = offer(options)
    options.engine.blocks.cancel(options.alice, block.key)
    assert options.engine.blocks.offers(options.alice) == []
