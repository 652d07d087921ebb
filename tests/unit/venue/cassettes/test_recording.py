"""A recording is read on its own: requests, streams and events out of the lines that a run leaves."""

from __future__ import annotations

import json

import pytest

from wireproof.venue.cassettes.recording import RecordingError, load_recording, read_request


def written(tmp_path, *lines):
    file = tmp_path / "observations.jsonl"
    file.write_text("".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in lines), "utf-8")
    return file


def test_what_a_run_wrote_down_is_found_by_request_stream_and_product(tmp_path):
    recording = load_recording(
        written(
            tmp_path,
            {"case": "c", "contract": "usdm/rest/x", "request": "GET /x?symbol=A&timestamp=1", "response": "{}"},
            {
                "case": "c",
                "contract": "usdm/ws-api/x",
                "request": '{"method":"x","params":{"a":1.50}}',
                "response": "{}",
            },
            {
                "contract": "usdm/stream/x",
                "request": "SUBSCRIBE a@x at ws://h/market/stream; then the venue moved",
                "messages": ["{}"],
            },
            {"contract": "usdm/stream/x", "request": "connected to ws://h/market/ws/b@x", "messages": ["{}"]},
            {"contract": "usdm/event/E", "request": "a cause", "messages": ["{}"], "received_at": 7.0},
            {"contract": "usdm/stream/x", "request": "SUBSCRIBE c@x at ws://h/ws", "aside": True, "messages": ["{}"]},
            "",
        )
    )
    assert set(recording.answers) == {("", "GET /x"), ("usdm", "x")}
    assert recording.answers["usdm", "x"][0].asked.params == {"a": "1.50"}
    assert set(recording.streams) == {("usdm", "a@x"), ("usdm", "b@x")}
    assert list(recording.events) == ["usdm"]
    assert recording.recorded_at == 7.0


def test_who_asks_and_when_is_no_part_of_what_is_asked():
    """But a request without its signature, or with a time that is none, is another request."""
    sound = "GET /x?symbol=A&newClientOrderId=a&recvWindow=5000&timestamp=17&signature=<redacted signature>"
    same = "GET /x?newClientOrderId=b&symbol=A&timestamp=99&signature=abc"
    assert read_request(sound).key == read_request(same).key
    for other in ("GET /x?symbol=A&timestamp=1", "GET /x?symbol=B&timestamp=1&signature=a", "GET /x?symbol=A"):
        assert read_request(other).key != read_request(sound).key
    odd = ("timestamp=x", "timestamp=1&recvWindow=60001", "timestamp=1&recvWindow=x")
    keys = {read_request(f"GET /x?symbol=A&{one}&signature=a").key for one in odd}
    assert len(keys) == 3
    assert read_request(sound).key not in keys


def test_what_is_no_request_is_none():
    for text in ("", "{", '{"params":{}}', "POST leverage of A to 10", '{"method":1}'):
        assert read_request(text) is None


@pytest.mark.parametrize(
    ("lines", "words"),
    [((), "holds no observation"), (("{",), "line 1 is no observation"), (('{"contract":1}',), "line 1 is no")],
)
def test_what_is_no_recording_is_said_in_a_sentence(tmp_path, lines, words):
    with pytest.raises(RecordingError, match=words):
        load_recording(written(tmp_path, *lines))


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(RecordingError, match="cannot be read"):
        load_recording(tmp_path / "nowhere")
