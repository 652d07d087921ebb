"""Replies and what is kept of them."""

from __future__ import annotations

from wireproof.wire.failures import AnswerLostError
from wireproof.wire.reply import Reply


def test_a_lost_answer_holds_its_evidence() -> None:
    """What the lookup found."""
    evidence = Reply("1", "", b"{}", 200, 0.0, 0.0)
    error = AnswerLostError("order.place", "7", "cut", evidence)

    assert error.evidence is evidence
    assert "it was not sent again, and its answer is lost" in str(error)
