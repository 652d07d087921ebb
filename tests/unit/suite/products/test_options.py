"""Streams of options have witnesses, though nothing is sent yet."""

from __future__ import annotations

from wireproof.contract.model import Stream
from wireproof.suite.products.options import UNWITNESSED, WITNESSES


def test_each_stream_has_a_witness(store):
    streams = {
        contract.id.rpartition("/")[2]
        for contract in store.contracts.values()
        if contract.product == "options" and isinstance(contract.subject, Stream) and not contract.is_command
    }
    assert streams == WITNESSES.keys() | UNWITNESSED.keys()


def test_only_a_new_symbol_is_news_to_its_stream():
    """A contract that expires is delisted, which `!optionSymbol` does not report."""
    moved = WITNESSES["allOptionSymbol"].moves
    before, after = [["A", "TRADING"], ["B", "TRADING"]], [["B", "SETTLING"]]
    assert not moved(before, after)
    assert moved(before, [*before, ["C", "TRADING"]])
