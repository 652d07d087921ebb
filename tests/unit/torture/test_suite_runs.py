"""A run of the suite against relays."""

from __future__ import annotations

from wireproof.torture.suite_runs import served_at, with_private_streams
from wireproof.torture.traffic import Served


def test_private_streams_are_at_the_root_of_a_product_that_has_no_others():
    """Portfolio margin has no market streams: its one address is that of events."""
    urls = with_private_streams(
        {"rest": "http://v", "stream": "ws://v/pm"}, {"rest": "https://p", "event": "wss://f/pm"}
    )
    assert urls["event"] == "ws://v/pm"


def test_a_relay_stands_before_each_url():
    """Both streams of COIN-M share one; those of USDⓈ-M have one each, REST one for each product."""
    known = {"stream": "wss://d", "event": "wss://d"}
    coinm = with_private_streams({"rest": "http://v", "stream": "ws://v/d"}, known)
    usdm = with_private_streams({"rest": "http://v", "stream": "ws://v", "ws-api": "ws://v/a"}, {"stream": "wss://f"})
    served = served_at({"coinm": coinm, "usdm": usdm})
    assert served["coinm", "ws://v/d"] == Served(stream="coinm", event="coinm")
    assert served["usdm", "ws://v/private"] == Served(event="usdm")
    assert served["usdm", "http://v"] == Served(rest="usdm")
    assert len(served) == 6
