"""Names of market streams, from their documented patterns."""

import pytest

from wireproof.contract.model import Param, Stream
from wireproof.suite.vocabulary.stream_names import missing_params, stream_name


@pytest.mark.parametrize(
    ("pattern", "params", "name"),
    [
        ("<symbol>@aggTrade", {"symbol": "BTCUSDT"}, "btcusdt@aggTrade"),
        ("<symbol>@depth@<updateSpeed>", {"symbol": "BTCUSDT", "updateSpeed": "100ms"}, "btcusdt@depth@100ms"),
        ("<symbol>@depth@<updateSpeed>", {"symbol": "BTCUSDT"}, "btcusdt@depth"),
        ("<symbol>@depth<levels>@<updateSpeed>", {"symbol": "BTCUSDT", "levels": "5"}, "btcusdt@depth5"),
        ("<symbol>@kline_<interval>", {"symbol": "BTCUSDT", "interval": "1M"}, "btcusdt@kline_1M"),
        (
            "<pair>_<contractType>@continuousKline_<interval>",
            {"pair": "BTCUSDT", "contractType": "PERPETUAL", "interval": "1m"},
            "btcusdt_perpetual@continuousKline_1m",
        ),
        ("!markPrice@arr@<updateSpeed>", {}, "!markPrice@arr"),
        ("tradingSession", {}, "tradingSession"),
    ],
)
def test_names_follow_the_documented_pattern(pattern, params, name):
    """Symbols in lower case; what is not given is left out."""
    assert stream_name(Stream(name=pattern), params) == name


def test_required_parameters_are_missed_by_name():
    params = [Param(name="symbol", type="STRING", required=True), Param(name="speed", type="STRING")]

    assert missing_params(params, {}) == ["symbol"]
    assert missing_params(params, {"symbol": "BTCUSDT"}) == []
