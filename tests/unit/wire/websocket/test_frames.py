"""What a frame is, before anybody judges it."""

import pytest

from wireproof.wire.websocket.frames import (
    LONGEST_KEPT,
    MOST_KEPT,
    SHOWN,
    FrameSort,
    Unfits,
    may_be_answer,
    read_frame,
    shown,
    unfit,
)


@pytest.mark.parametrize(
    ("raw", "sort"),
    [
        (b'{"stream":"a@trade","data":{"e":"trade"}}', FrameSort.WRAPPED),
        (b' { "stream" : "a@trade", "data": [] } ', FrameSort.WRAPPED),
        (b'{"result":null,"id":1}', FrameSort.ANSWER),
        (b'{"id":1}', FrameSort.ANSWER),
        (b'{"result":null}', FrameSort.ANSWER),
        (b'{"error":{"code":2},"id":[1]}', FrameSort.ANSWER),
        (b'{"e":"trade","id":1}', FrameSort.BARE),
        (b'{"stream":5,"data":{}}', FrameSort.BARE),
        (b'{"stream":"","data":{}}', FrameSort.BARE),
        (b'{"stream":"a"}', FrameSort.BARE),
        (b'{"data":{}}', FrameSort.BARE),
        (b'[{"stream":"a","data":{}}]', FrameSort.BARE),
        (b"null", FrameSort.BARE),
        (b'"text"', FrameSort.BARE),
        (b"", FrameSort.NO_JSON),
        (b"<html>", FrameSort.NO_JSON),
        (b'{"stream":"a","data":{"e":', FrameSort.NO_JSON),
        (b"\xff\xfe", FrameSort.NO_JSON),
        (b"[" * 100_000, FrameSort.NO_JSON),
    ],
)
def test_every_frame_is_of_one_sort(raw, sort):
    assert read_frame(raw).sort is sort


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b'{"stream":"a","data":{}}', ""),
        (b'{"stream": "a",\n "data": {}}', ""),
        (b'{"stream":"\\u0061","data":{}}', ""),
        (b'{"stream":"a","data":{},"x":1}', "it has `x` beside `stream` and `data`"),
        (b'{"stream":"a","stream":"b","data":{}}', "it names `stream` more than once"),
        (
            b'{"data":1,"data":{},"stream":"a","y":[{"z":1}]}',
            "it has `y` beside `stream` and `data` and it names `data`",
        ),
    ],
)
def test_an_envelope_is_stream_and_data(raw, problem):
    """However it is written."""
    assert read_frame(raw).problem.startswith(problem)
    assert bool(read_frame(raw).problem) is bool(problem)


@pytest.mark.parametrize("raw", [b"", b"null", b'{"result":nul', b'[{"result":null,"id":1}]', b'{"rezult":null}'])
def test_what_has_nothing_of_a_message_may_be_an_answer(raw):
    assert may_be_answer(raw)


@pytest.mark.parametrize("raw", [b'{"e":"trade"', b'{"streamX":"a","data":1}', b'[{"e" : "x"}]'])
def test_what_has_part_of_a_message_is_no_answer(raw):
    assert not may_be_answer(raw)


def test_frames_that_fit_nothing_are_all_counted_and_few_are_kept():
    """Each cut; what is shown of the first is redacted before it is cut."""
    found = Unfits()
    for number in range(41):
        found.take(unfit(b"<" + b"x" * 50_000, float(number), "it is no JSON", binary=True))
    found.take(unfit(b"5", 99.0, "it is a number"))

    assert found.count == 42
    assert len(found.kept) == MOST_KEPT
    assert {len(one.raw) for one in found.kept} == {LONGEST_KEPT}
    assert found.kept[0].size == 50_001
    words = found.words(lambda text: text.replace("x", "*"))
    assert words.startswith("42 frames that fit nothing came, first: <***")
    assert words.endswith("*… (binary, it is no JSON)")
    assert len(words) < SHOWN + 100


def test_an_empty_frame_is_shown_in_words():
    assert shown(b"", str) == "an empty frame"


def test_frames_of_several_sources_are_counted_together():
    one, other = Unfits(), Unfits()
    one.take(unfit(b"1", 1.0, "a"))
    other.take(unfit(b"2", 2.0, "a"))
    other.take(unfit(b"<", 3.0, "b"))
    one.take_all(other)

    assert (one.count, [frame.raw for frame in one.kept]) == (3, [b"1", b"2", b"<"])
    assert {key: alike.count for key, alike in one.alike.items()} == {(True, "a"): 2, (False, "b"): 1}
