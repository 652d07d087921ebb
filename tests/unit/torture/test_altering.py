"""Each kind of alteration does what its name says, to what it says, and to nothing else."""

from __future__ import annotations

import json

import pytest
from altered_messages import HEADERS, MESSAGES, PAYLOAD, learned, possible

from wireproof.torture.alteration import Alteration
from wireproof.torture.altering import alter_answer, alter_frame
from wireproof.torture.documents import nodes, parse
from wireproof.torture.plan import Choice, choices
from wireproof.torture.relay import HttpAnswer, WsFrame
from wireproof.torture.traffic import Place

#: Carried out over several messages, not on one.
OVER_MESSAGES = {"swapped", "dropped"}


def altered_by(alteration):
    """Return what becomes of the message; None where nothing was altered."""
    message = json.dumps(MESSAGES[alteration.bucket])
    if alteration.bucket.startswith("rest"):
        return alter_answer(alteration, HttpAnswer(200, HEADERS.copy(), message.encode()), {})
    return alter_frame(alteration, WsFrame(message), parse(message), {})


@pytest.mark.parametrize("alteration", list(possible()), ids=lambda one: f"{one.bucket} {one.kind} {one.shown_path}")
def test_what_is_possible_alters_the_message(alteration):
    """A kind that is chosen for a place changes what comes from there."""
    if alteration.kind in OVER_MESSAGES:
        return
    altered = altered_by(alteration)
    assert altered is not None
    message = json.dumps(MESSAGES[alteration.bucket])
    if isinstance(altered, HttpAnswer):
        assert altered != HttpAnswer(200, HEADERS, message.encode())
    else:
        assert altered != (WsFrame(message),)


def test_only_the_place_is_altered():
    """A field alteration leaves every other node as it was."""
    one = Alteration(index=3, contract="usdm/x/y", bucket="rest success", kind="number-to-string", path=("count",))
    document = json.loads(altered_by(one).body)
    assert document == {**PAYLOAD, "count": "7"}


@pytest.mark.parametrize(("one", "expected"), [(False, [["1.0"], ["3.0"]]), (True, [["1.0", "2.0"], ["3.0"]])])
def test_one_element_or_all(one, expected):
    """Of several elements the last alone is altered where the alteration says so."""
    rows = {"rows": [{"a": "1.0", "b": "2.0"}, {"a": "3.0", "b": "4.0"}]}
    alteration = Alteration(
        index=1, contract="c/rest/x", bucket="rest success", kind="removed", path=("rows", "[]", "b"), one=one
    )
    altered = alter_answer(alteration, HttpAnswer(200, HEADERS.copy(), json.dumps(rows).encode()), {})
    assert [list(row.values()) for row in json.loads(altered.body)["rows"]] == expected


def test_the_marker_is_a_word_of_its_own():
    """An added field is named by the alteration, so that what is said of it can be told."""
    one = Alteration(index=42, contract="usdm/x/y", bucket="ws-api success", kind="extra", path=())
    (frame,) = altered_by(one)
    assert json.loads(frame.data)["result"]["torture42x"] == 1


def test_nothing_to_alter_leaves_the_message():
    """A document of another form passes as it is."""
    one = Alteration(index=1, contract="usdm/x/y", bucket="rest success", kind="removed", path=("absent",))
    assert alter_answer(one, HttpAnswer(200, HEADERS.copy(), b'{"other":1}'), {}) is None
    assert alter_answer(one, HttpAnswer(200, HEADERS.copy(), b"no json"), {}) is None


def test_what_passes_shows_paths_of_the_payload():
    """Paths lead into what a message carries, without its envelope."""
    found = {one.kind: one for one in choices(Place("c", "stream message"), learned("stream message"))}
    assert isinstance(found["removed"], Choice)
    assert set(found["removed"].paths) == {path for path, _ in nodes(PAYLOAD_DOCUMENT) if path and path[-1] != "[]"}


PAYLOAD_DOCUMENT = parse(json.dumps(PAYLOAD))
