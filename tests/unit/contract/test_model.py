"""A contract is of a request, a stream or an event, and says which."""

from __future__ import annotations

import pytest

from wireproof.contract.model import Event, Request, Stream
from wireproof.contract.store import load_store


def test_every_contract_has_one_subject_of_the_kind_of_its_surface():
    """Requests go over REST and the WebSocket API, the others over a surface of their name."""
    kinds = {"rest": Request, "ws-api": Request, "stream": Stream, "event": Event}
    for contract in load_store().contracts.values():
        assert type(contract.subject) is kinds[contract.surface]
        assert contract.of(kinds[contract.surface]) is contract.subject


def test_a_subject_of_another_kind_is_refused_by_name():
    """Whoever asks for the wrong kind hears which contract it was, and of what it is."""
    stream = load_store().contract("usdm/stream/aggTrade")
    with pytest.raises(TypeError, match=r"usdm/stream/aggTrade is the contract of a Stream, not of a Request\."):
        stream.of(Request)
