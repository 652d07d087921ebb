"""The nearest recorded answer is served; what there is none of is counted."""

from __future__ import annotations

import pytest

from wireproof.venue.cassettes.cassette_answers import CassetteAnswers
from wireproof.venue.cassettes.recording import Asked, Recorded, Recording

NOW = 1_795_000_000_000


def seen(request, response, **more):
    return Recorded(contract="usdm/rest/x", request=request, response=response, received_at=float(NOW), **more)


@pytest.fixture
def answers():
    recording = Recording(
        [
            seen("GET /x?symbol=A&limit=5", '"A5"', status=200),
            seen("GET /x?symbol=A&limit=5", '"A5 later"', status=200),
            seen("GET /x?symbol=A", '"A"', status=200),
            seen("GET /x?symbol=B", '"B"', status=200),
            seen("GET /x?symbol=NONE", '"no such"', status=400, expect_codes=(-1121,)),
            seen("GET /x", '"which"', status=400, expect_codes=(-1102,)),
            seen("GET /y?symbol=A", '"again"', status=200, attempt=2),
        ]
    )
    return CassetteAnswers(recording, lambda: NOW + 7_200_000, hours=3, shift=True)


@pytest.mark.parametrize(
    ("params", "said", "rule"),
    [
        ({"symbol": "A", "limit": "5"}, '"A5"', "exact"),
        ({"symbol": "B"}, '"B"', "exact"),
        ({"symbol": "NONE"}, '"no such"', "exact"),
        ({}, '"which"', "exact"),
        ({"symbol": "A", "limit": "7"}, '"A5"', "of the same symbol"),
        ({"symbol": "B", "limit": "7"}, '"B"', "of the same symbol"),
        ({"symbol": "C"}, '"A"', "of the same name"),
        ({"symbol": "C", "limit": "5"}, '"A5"', "of the same name"),
    ],
)
def test_the_same_request_then_the_same_symbol_then_the_same_name(answers, params, said, rule):
    """A refusal never stands for another request."""
    assert answers.of("", Asked("GET /x", params)).text == said
    assert answers.served == {rule: 1}


def test_answers_to_one_request_take_turns(answers):
    asked = Asked("GET /x", {"symbol": "A", "limit": "5"})
    assert [answers.of("", asked).text for _ in range(3)] == ['"A5"', '"A5 later"', '"A5"']


def test_what_was_not_recorded_is_counted(answers):
    for _ in range(2):
        assert answers.of("", Asked("GET /z", {})) is None
    assert answers.of("usdm", Asked("x", {})) is None
    assert answers.view()["not_recorded"] == {"GET /z": 2, "x": 1}


def test_a_recording_has_a_time_to_live(answers):
    assert answers.why_expired == ""
    answers.hours = 1
    assert answers.why_expired.startswith("This recording is 2 hours old, and may be 1 (--time-to-live)")
    assert answers.view()["expired"]
