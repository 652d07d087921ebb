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
