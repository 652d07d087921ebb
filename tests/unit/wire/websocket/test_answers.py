"""Which request a frame answers, for peers that keep the rules and for those that do not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wireproof.wire.websocket.answers import Dropped, Ledger, MatchedAnswer, Pending, envelope_of


def ledger() -> Ledger:
    return Ledger(lambda text: text.replace("hidden", "***"))


def take(book: Ledger, frame: Any, *, binary: bool = False) -> bool:
    raw = frame if isinstance(frame, bytes) else json.dumps(frame).encode()
    return book.take(raw, envelope_of(raw), 1.0, binary=binary)


def outcome(pending: Pending) -> MatchedAnswer:
    result = pending.outcome.result()
    assert isinstance(result, MatchedAnswer)
    return result


async def test_an_answer_goes_to_the_request_of_its_id() -> None:
    """A sound answer has no violations."""
    book = ledger()
    first, second = book.add("a", "m"), book.add("b", "m")

    assert take(book, {"id": "b", "status": 200, "result": [1, {"id": "a"}]})
    assert outcome(second).violations == ()
    assert outcome(second).envelope.status_code == 200
    assert not first.outcome.done()


@pytest.mark.parametrize(
    ("sent", "got", "words"),
    [("7", 7, "came back as a number; a string"), (7, "7", "came back as a string; a number"), (7, 7.0, "point")],
    ids=["number", "string", "float"],
)
async def test_an_id_of_another_type_is_attributed_and_a_violation(sent: str | int, got: Any, words: str) -> None:
    """The exchange echoes the id untouched, type included."""
    book = ledger()
    pending = book.add(sent, "m")
    other = book.add("other", "m")

    assert take(book, {"id": got, "status": 200})
    assert words in outcome(pending).violations[0]
    assert not other.outcome.done()


@pytest.mark.parametrize(("frame", "words"), [({"id": None, "status": 401}, "id null"), ({"status": 400}, "no id")])
async def test_an_answer_without_id_goes_to_the_only_request(frame: Any, words: str) -> None:
    """With one request under way there is no doubt; the violation stays."""
    book = ledger()
    pending = book.add("a", "m")

    assert take(book, frame)
    assert words in outcome(pending).violations[0]


async def test_an_answer_without_id_waits_until_one_request_is_left() -> None:
    """With two under way it is an orphan; when one of them is answered, it belongs to the other."""
    book = ledger()
    first, second = book.add("a", "m"), book.add("b", "m")
    assert not take(book, {"id": None, "status": 401})
    late = book.add("c", "m")
    assert len(book.orphans) == 1
    assert not first.outcome.done()

    take(book, {"id": "a", "status": 200})

    assert outcome(second).envelope.status_code == 401
    assert not late.outcome.done(), "it was sent after the orphan came"


async def test_two_answers_without_id_go_to_the_two_requests_that_are_left() -> None:
    """The first of them answers one request, which settles the second as well: it must not be looked for again."""
    book = ledger()
    first, second, third = (book.add(name, "m") for name in "abc")
    take(book, {"id": None, "status": 401})
    take(book, {"id": None, "status": 402})

    take(book, {"id": "a", "status": 200})
    take(book, {"id": "b", "status": 200})

    assert [outcome(one).envelope.status_code for one in (first, second, third)] == [200, 200, 401]
    assert len(book.orphans) == 2


@pytest.mark.parametrize("raw", [b"<html>busy</html>", b"", b"[1]", b'"text"', b'{"id": "a"', b"\xff\xfe{}"])
async def test_an_answer_that_is_no_json_object_goes_to_the_only_request(raw: bytes) -> None:
    """The bytes are kept as they came."""
    book = ledger()
    pending = book.add("a", "m")

    assert take(book, raw)
    assert outcome(pending).raw == raw
    assert outcome(pending).violations == ("The answer is no JSON object.",)
    assert outcome(pending).envelope.status_code is None


async def test_broken_json_goes_to_the_request_whose_id_it_names() -> None:
    """A cut answer still holds the id text."""
    book = ledger()
    book.add("0fc6f7a2-aaaa", "m")
    named = book.add("93e1d0c4-bbbb", "m")

    assert take(book, b'{"id":"93e1d0c4-bbbb","status":20')
    assert outcome(named).violations == ("The answer is no JSON object.",)


async def test_broken_json_that_names_nobody_is_an_orphan() -> None:
    """With several under way nobody can tell; what is kept of it is redacted and bounded."""
    book = ledger()
    book.add("a", "m")
    book.add("b", "m")

    assert not take(book, b"hidden " + b"x" * 10_000)
    assert book.orphans[0].startswith("*** xxx")
    assert len(book.orphans[0]) == 500
    assert "no JSON object" in book.violations[0]


@pytest.mark.parametrize("got", ["stranger", 5, True, [1], {"a": 1}])
async def test_a_foreign_id_is_a_violation_and_answers_nobody(got: Any) -> None:
    """An id that was never sent fits no request, not even the only one, while its own answer may still come."""
    book = ledger()
    pending = book.add("a", "m")

    assert not take(book, {"id": got, "status": 200})
    assert not pending.outcome.done()
    assert len(book.orphans) == len(book.violations) == 1


async def test_a_second_answer_is_a_violation_under_its_id() -> None:
    """It changes nothing about the first one."""
    book = ledger()
    pending = book.add("a", "order.place")
    take(book, {"id": "a", "status": 200})
    assert not take(book, {"id": "a", "status": 400, "x": "hidden"})

    assert outcome(pending).envelope.status_code == 200
    assert book.duplicates == {"a": ['{"id": "a", "status": 400, "x": "***"}']}
    assert "order.place (id a) was answered again" in book.violations[0]


async def test_an_answer_after_the_timeout_is_late_not_foreign() -> None:
    """A request that was struck out is remembered."""
    book = ledger()
    book.forget(book.add("a", "m"))
    assert not take(book, {"id": "a", "status": 200})

    assert list(book.late) == ["a"]
    assert book.violations == []


async def test_a_binary_frame_is_a_violation() -> None:
    """The protocol says text frames."""
    book = ledger()
    pending = book.add("a", "m")
    take(book, {"id": "a", "status": 200}, binary=True)

    assert "binary frame" in outcome(pending).violations[0]


async def test_a_drop_is_told_to_all_under_way() -> None:
    """Requests that were answered already are not touched."""
    book = ledger()
    first, second = book.add("a", "m"), book.add("b", "m")
    take(book, {"id": "a", "status": 200})
    book.drop_all("cut")

    assert outcome(first).envelope.status_code == 200
    assert second.outcome.result() == Dropped("cut")
    assert len(book) == 0
    assert book.idle.is_set()


async def test_one_id_is_under_way_once() -> None:
    """Two requests of one id could not be told apart; "1" and 1 can."""
    book = ledger()
    book.add("1", "m")
    book.add(1, "m")
    with pytest.raises(ValueError, match="under way"):
        book.add("1", "m")


@pytest.mark.parametrize(
    ("frame", "shutdown"),
    [
        ({"event": {"e": "serverShutdown", "E": 1}}, True),
        ({"e": "serverShutdown"}, True),
        ({"id": "a", "e": "serverShutdown"}, False),
        ({"event": {"e": "other"}}, False),
        ({"event": "serverShutdown"}, False),
    ],
)
def test_the_shutdown_event_is_known(frame: Any, shutdown: bool) -> None:
    """Wrapped or bare; an answer is none."""
    envelope = envelope_of(json.dumps(frame).encode())
    assert envelope is not None
    assert envelope.is_shutdown is shutdown


def test_deep_nesting_is_no_crash() -> None:
    """A frame of a hundred thousand brackets is an unreadable answer."""
    assert envelope_of(b'{"id":"a","result":' + b"[" * 100_000 + b"]" * 100_000 + b"}") is None
