"""Whether an answer says anything about its contract: what is no statement is no difference.

| answer | verdict |
|---|---|
| trouble of the service (5xx, 408, -1000, -1001, -1006, -1007, -1008, -1016, a page that says maintenance) | blocked |
| a limit or a ban (418, 429, -1003, -1015) | blocked |
| the key, its permissions, its account or this machine's address (401, -1002, -1011, -2008, -2014, -2015) | blocked |
| the clock (-1021), the signature (-1022) | blocked |
| a firewall, a closed region, a redirect (403, 451, 3xx) | blocked |
| a path or method that the local venue does not know (404 with -5000, or its page) | broken |
| anything else: successes, refusals, an error under status 200 | judged |

A case that is about exactly that is judged: one that expects such a code, or whose request has such a fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wireproof.contract.model import Request, Security, Surface
from wireproof.drift.finding import Verdict
from wireproof.recognition import Concern, Sort, concern_of_code, recognise
from wireproof.suite.planning.requests import REPEATABLE, reads, resend_of
from wireproof.suite.vocabulary.marks import why_sent_once
from wireproof.wire.reply import Resend

if TYPE_CHECKING:
    from wireproof.recognition import Recognition
    from wireproof.suite.planning.cases import PlannedCase


#: What an answer is about when it is not about the request, in words, and what to do.
WORDS = {
    Concern.SERVICE: "trouble of the service; try again later",
    Concern.LIMIT: "a limit was reached; check what else uses the same IP or key",
    Concern.KEY: "the key is refused, or its permissions, its account or this machine's IP address are; check them",
    Concern.CLOCK: "the clock: the timestamp does not fit the target's time; check this machine's clock and network",
    Concern.SIGNATURE: "the key's signature is refused; check that the secret belongs to the key",
    Concern.FIREWALL: "a firewall answered; check the key's IP list, and wait before trying again",
    Concern.REGION: "the exchange does not serve this location",
    Concern.ELSEWHERE: "something else than the service answered; check the override variable of this URL",
}

#: What a request is wrong in on purpose, by how it is made wrong.
_TAMPERED = {
    "wrong-key": {Concern.KEY},
    "wrong-signature": {Concern.SIGNATURE},
    "stale-timestamp": {Concern.CLOCK},
    "future-timestamp": {Concern.CLOCK},
    "mistyped-timestamp": {Concern.CLOCK, Concern.SIGNATURE},
}
_OMITTED = {
    "apiKey": {Concern.KEY},
    "signature": {Concern.SIGNATURE},
    "timestamp": {Concern.CLOCK, Concern.SIGNATURE},
}


class NoStatement(NamedTuple):
    """The verdict of a case whose answer says nothing about its contract, and why it does not."""

    verdict: Verdict
    reason: str


def no_statement(case: PlannedCase, status: int | None, body: bytes, *, local: bool) -> NoStatement | None:
    """Return why an answer says nothing about the contract of its case; None when it is to be judged."""
    if case.contract.surface not in {Surface.REST, Surface.WS_API}:
        return None
    told = recognise(status, body)
    if is_about(case, told):
        return None
    if local and told.is_unknown_path:
        return NoStatement(Verdict.BROKEN, not_served(case.contract.name))
    if told.concern is None:
        return None
    return NoStatement(Verdict.BLOCKED, f"{case.contract.name} was answered with {told.words}: {WORDS[told.concern]}.")


def not_served(what: str) -> str:
    """Return the reason of a case whose request the local venue does not know."""
    return f"the local venue does not serve it: {what} is not among its requests."


def is_about(case: PlannedCase, told: Recognition) -> bool:
    """Whether a case is about exactly what an answer says, so that it is judged."""
    if case.expect is None:
        return False
    if told.error is not None and told.error.number in case.expect.codes:
        return True
    if told.concern is None:
        return told.is_unknown_path and case.expect.status == told.status
    provoked = {concern_of_code(code) for code in case.expect.codes} | _TAMPERED.get(case.tamper, set())
    return told.concern in provoked.union(*(_OMITTED.get(name, set()) for name in case.omit))


def may_repeat(case: PlannedCase) -> bool:
    """Whether a case's own request may be sent again while the service is in trouble: it changes nothing."""
    return not why_sent_once(case.own_marks) and (reads(case) or _keeps_alive(case))


def may_repeat_after_drop(case: PlannedCase) -> bool:
    """Whether a case's own request may be sent again when the connection dropped under it."""
    return not why_sent_once(case.own_marks) and resend_of(case) is Resend.SAFE


def _keeps_alive(case: PlannedCase) -> bool:
    """Whether it starts a listen key or keeps it alive, over the WebSocket API."""
    request = case.contract.of(Request)
    return request.method in REPEATABLE


def may_have_changed(case: PlannedCase, told: Recognition) -> bool:
    """Whether something may have come of a request that was answered like this."""
    request = case.contract.of(Request)
    changes = request.security not in {Security.NONE, Security.MARKET_DATA} and not may_repeat(case)
    return changes and told.sort is not Sort.REFUSAL
