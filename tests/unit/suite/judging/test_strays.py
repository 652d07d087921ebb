"""Frames that fit nothing are charged to their stream, or to the connection."""

from scripted_streams import NAME, SHORT, TRADE, case, contract, exchange, fast, listening, pushing, trade

from wireproof.contract.model import Watch
from wireproof.drift.finding import Kind


async def test_frames_that_fit_nothing_are_counted_and_no_silence(watch):
    """Those that can be told to be of a stream are its findings: it is not said to have sent nothing."""
    frames = [{"stream": "BTCUSDT@aggTrade", "data": trade(number)} for number in range(41)]
    wanted = fast(Watch(events=41, seconds=0.5))
    async with exchange(answer=pushing(*frames)) as feed:
        scores = await watch(feed.root, wanted, listening=listening(100, 141))

    (finding,) = scores.results[NAME].findings
    assert finding.kind is Kind.PROTOCOL_VIOLATION
    assert finding.actual.startswith('41 frames that fit nothing came, first: {"stream":"BTCUSDT@aggTrade","data":{"e"')
    assert finding.actual.endswith("(its stream was not subscribed)")
    assert (finding.occurrences, finding.of) == (41, 41)


async def test_a_stream_on_which_nothing_came_is_told_with_the_frames_that_are_nobodys(watch):
    """Of two silent streams it is not known which one they were meant for: they are charged to the connection."""
    other = contract("other", "<symbol>@other", TRADE, case(SHORT))
    async with exchange(answer=pushing("<html>", "", "null")) as feed:
        scores = await watch(feed.root, fast(), other, listening=listening(100, 141))

    (aside,) = [result for result in scores.results.values() if result.aside]
    assert aside.contract == "usdm/stream/connection"
    assert [(one.kind, one.occurrences) for one in aside.findings] == [
        (Kind.UNPARSEABLE, 2),
        (Kind.PROTOCOL_VIOLATION, 1),
    ]
    silence = scores.results[NAME].findings[0].actual
    assert silence.startswith("subscribed, acknowledged, nothing that fits it came in ")
    assert "; 3 frames that fit nothing came, first: <html> (it is no JSON)" in silence
