"""Errors are sentences."""

from __future__ import annotations

import copy

import pytest

from wireproof.errors import BlockedError, ExitStatus
from wireproof.wire.failures import (
    BlockKind,
    ConnectionLostError,
    SessionClosedError,
    TargetBlockedError,
    UnmatchedAnswerError,
)
from wireproof.wire.reply import Reply


def test_a_blocked_target_is_exit_status_three() -> None:
    """And reads as reason and advice."""
    error = TargetBlockedError("h", "h refused.", "Try later.", kind=BlockKind.REFUSED)

    assert isinstance(error, BlockedError)
    assert error.exit_status is ExitStatus.BLOCKED
    assert str(error) == "h refused. Try later."
    assert str(TargetBlockedError("h", "h refused.")) == "h refused."


@pytest.mark.parametrize("kind", list(BlockKind))
def test_what_may_pass_is_tried_again(kind: BlockKind) -> None:
    """A firewall, a region, a wrong service or a setting does not change within seconds."""
    lasting = {
        "region",
        "forbidden",
        "banned",
        "rate-limited",
        "redirected",
        "not-this-service",
        "tls",
        "proxy",
        "setting",
    }
    assert kind.may_pass is (kind not in lasting)


def test_an_unknown_fate_is_said_to_be_unknown() -> None:
    """With the number of times it was sent; REST requests have no id."""
    once = str(ConnectionLostError("order.place", "7", "it ended without a close frame"))
    thrice = str(ConnectionLostError("GET /x", "", "cut", sends=3))

    assert once == (
        "The connection dropped before order.place (id 7) was answered: it ended without a close frame."
        " Whether it took effect is unknown."
    )
    assert thrice.startswith("The connection dropped before GET /x was answered: cut.")
    assert "It was sent 3 times" in thrice


def test_an_unmatched_answer_names_one_of_the_frames() -> None:
    """A wall of frames helps nobody; of the request, method and id are named, the id not in the finding."""
    sent = Reply("7", "{}", b"", None, 1.0, 2.0)
    error = UnmatchedAnswerError("depth", 10.0, sent, ['{"id":5}', '{"id":6}'])

    assert str(error).startswith("depth (id 7): No answer with the request's id came; 2 frames came")
    assert error.sentence.endswith(', first: {"id":5}')


@pytest.mark.parametrize(
    "error",
    [
        TargetBlockedError("h", "r", "a", kind=BlockKind.DNS, status=5, until_ms=1.0),
        ConnectionLostError("m", "7", "r", sends=2),
        SessionClosedError("closed"),
    ],
)
def test_errors_can_be_copied(error: Exception) -> None:
    """Everyone who waits for a session gets an error of his own."""
    twin = copy.copy(error)
    assert (str(twin), vars(twin), type(twin)) == (str(error), vars(error), type(error))
