"""Observations: what is kept of a request and its answer, without secrets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wireproof.results.model import Observation
from wireproof.wire.secrets.redact import hide_values_text

if TYPE_CHECKING:
    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.target import Target
    from wireproof.wire.reply import Reply

#: An answer longer than this is cut in reports and observations; it was judged whole.
LONGEST_KEPT = 2_000_000

#: Headers of HTTP answers that contracts speak of; others are of the way between, and change with it.
_KEPT_HEADERS = re.compile(r"content-type|retry-after|x-(?:mbx|sapi)-[a-z0-9-]{1,40}", re.ASCII)
_LONGEST_HEADER = 100


def observation_of(case: PlannedCase, reply: Reply, target: Target, *, fate: str = "") -> Observation:
    """Return the observation of an answered case, redacted; values of private answers hidden where asked for.

    `fate` says what became of its orders where the answer leaves it open.
    """
    request = target.redactor.frame(reply.frame)
    response = target.redactor.frame(reply.raw.decode("utf-8", "replace"))
    if target.hide_values and case.private:
        keep = target.keep
        request, response = hide_values_text(request, keep=keep), hide_values_text(response, keep=keep)
    return Observation(
        case=case.id,
        contract=case.contract.id,
        example=case.example,
        expect_status=case.expect.status if case.expect else 200,
        expect_codes=case.expect.codes if case.expect else (),
        request=request,
        response=response[:LONGEST_KEPT],
        status=reply.status,
        headers=_headers_of(reply, target),
        sent_at=reply.sent_at,
        received_at=reply.received_at,
        fate=target.redactor.text(fate),
        violations=tuple(reply.violations),
    )


def _headers_of(reply: Reply, target: Target) -> dict[str, str] | None:
    if reply.headers is None:
        return None
    kept = {name: value for name, value in reply.headers.items() if _KEPT_HEADERS.fullmatch(name)}
    return {name: target.redactor.text(value)[:_LONGEST_HEADER] for name, value in sorted(kept.items())}
