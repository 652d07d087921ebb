"""Trouble of the service: what is sent again and how often, and when it is the whole host that is in trouble."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from wireproof.wire import trouble
from wireproof.wire.failures import BlockKind, ConnectionLostError, PassingTroubleError, TargetBlockedError
from wireproof.wire.trouble import MOST_SENDS, PAUSES, WHOLE_HOST, Health, patiently

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


@dataclass
class Said:
    """An answer."""

    status: int | None
    raw: bytes


FINE = Said(200, b"{}")
REFUSED = Said(400, b'{"code":-1121,"msg":"Invalid symbol."}')
OVERLOAD = Said(503, b'{"code":-1008,"msg":"Request throttled."}')
UNKNOWN = Said(503, b'{"code":-1000,"msg":"Unknown error."}')
LATE = Said(400, b'{"code":-1021,"msg":"Timestamp outside of the recvWindow."}')
PAGE = PassingTroubleError("h", "h answered GET /x with HTTP 502: Bad gateway.", kind=BlockKind.MAINTENANCE)


class Sender:
    """Gives these answers in turn, the last one again and again."""

    def __init__(self, *answers: Said | Exception) -> None:
        self.answers, self.sends = answers, 0

    async def __call__(self) -> Said:
        """Give the next answer."""
        answer = self.answers[min(self.sends, len(self.answers) - 1)]
        self.sends += 1
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let no pause last, and return how long each was to be."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(trouble, "asyncio", type("NoSleep", (), {"sleep": staticmethod(sleep)}))
    return slept


def asking(sender: Callable[[], Awaitable[Said]], health: Health, **options: bool) -> Awaitable[Said]:
    return patiently(sender, "GET /x", health=health, **({"repeatable": True} | options))


@pytest.mark.parametrize("met", [OVERLOAD, UNKNOWN, PAGE, LATE], ids=["overload", "unknown", "page", "late"])
async def test_a_read_is_sent_again_after_growing_pauses(met: Said | Exception, pauses: list[float]) -> None:
    """Each pause is at most as long as recommended and at least half of it."""
    sender = Sender(met, met, met, FINE)
    assert await asking(sender, Health("h")) is FINE
    assert sender.sends == 4
    assert all(most / 2 <= slept <= most for slept, most in zip(pauses, PAUSES, strict=True))


@pytest.mark.usefixtures("pauses")
@pytest.mark.parametrize("met", [OVERLOAD, UNKNOWN, LATE], ids=["overload", "unknown", "late"])
async def test_trouble_that_stays_is_an_answer(met: Said) -> None:
    """It is for others to say that it accuses nobody."""
    sender = Sender(met)
    assert await asking(sender, Health("h")) is met
    assert sender.sends == 1 + len(PAUSES)


@pytest.mark.usefixtures("pauses")
async def test_a_page_that_stays_is_an_error_of_one_request() -> None:
    """It does not say that the host is blocked."""
    sender = Sender(PAGE)
    with pytest.raises(PassingTroubleError):
        await asking(sender, Health("h"))
    assert sender.sends == 1 + len(PAUSES)


@pytest.mark.usefixtures("pauses")
@pytest.mark.parametrize(("met", "sends"), [(UNKNOWN, 1), (OVERLOAD, 4), (LATE, 4), (REFUSED, 1)])
async def test_a_change_is_sent_again_only_when_it_certainly_failed(met: Said, sends: int) -> None:
    """And an order, which is `only_late`, when it came too late."""
    sender = Sender(met)
    await asking(sender, Health("h"), repeatable=False)
    assert sender.sends == sends
    order = Sender(met)
    await asking(order, Health("h"), repeatable=False, only_late=True)
    assert order.sends == (4 if met is LATE else 1)


@pytest.mark.usefixtures("pauses")
@pytest.mark.parametrize("met", [OVERLOAD, PAGE], ids=["answer", "page"])
async def test_trouble_of_every_request_is_trouble_of_the_host(met: Said | Exception) -> None:
    """Ten in a row, each with its tries; then each is tried once, and one that is answered ends the row."""
    health, sender = Health("h", lambda words: words.upper()), Sender(met)
    for _ in range(WHOLE_HOST - 1):
        try:
            await asking(sender, health)
        except PassingTroubleError:
            assert met is PAGE
    with pytest.raises(TargetBlockedError, match=r"h is in trouble: 10 requests in a row .* The last one: .*/X") as e:
        await asking(sender, health)
    assert not isinstance(e.value, PassingTroubleError)
    assert e.value.kind is BlockKind.MAINTENANCE
    assert sender.sends == WHOLE_HOST * (1 + len(PAUSES))

    with pytest.raises(TargetBlockedError, match="11 requests in a row"):
        await asking(sender, health)
    assert sender.sends == WHOLE_HOST * (1 + len(PAUSES)) + 1

    assert await asking(Sender(FINE), health) is FINE
    assert await asking(Sender(UNKNOWN), health) is UNKNOWN


@pytest.mark.usefixtures("pauses")
@pytest.mark.parametrize("sound", [FINE, REFUSED, LATE], ids=["success", "refusal", "late"])
async def test_a_sound_answer_ends_the_row(sound: Said) -> None:
    """A refusal is one: the service worked."""
    health = Health("h")
    for met in [UNKNOWN] * 9 + [sound] + [UNKNOWN] * 9:
        assert await asking(Sender(met), health) is met


async def test_trouble_that_a_case_wants_is_an_answer_at_once_and_no_trouble_of_the_host() -> None:
    """It is what was asked for."""
    health = Health("h")
    for _ in range(WHOLE_HOST + 1):
        sender = Sender(OVERLOAD)
        said = await patiently(sender, "GET /x", health=health, repeatable=True, is_expected=lambda _: True)
        assert (said, sender.sends) == (OVERLOAD, 1)


@pytest.mark.usefixtures("pauses")
async def test_requests_at_once_make_one_row() -> None:
    """Ten that met trouble together are enough."""
    health = Health("h")
    met = await asyncio.gather(*(asking(Sender(UNKNOWN), health) for _ in range(12)), return_exceptions=True)
    assert sum(isinstance(one, TargetBlockedError) for one in met) == 3


@pytest.mark.usefixtures("pauses")
async def test_a_request_that_may_is_sent_again_after_a_drop() -> None:
    """Three times in a row, which costs nothing."""
    sender = Sender(*[lost() for _ in range(MOST_SENDS - 1)], FINE)
    assert await asking(sender, Health("h"), repeatable=False, after_drop=True) is FINE
    assert sender.sends == MOST_SENDS


@pytest.mark.usefixtures("pauses")
async def test_a_request_that_meets_a_drop_each_time_is_given_up() -> None:
    """The error says how often it was sent."""
    sender = Sender(*[lost() for _ in range(MOST_SENDS + 1)])
    with pytest.raises(ConnectionLostError) as caught:
        await asking(sender, Health("h"), after_drop=True)
    assert (caught.value.sends, sender.sends) == (MOST_SENDS, MOST_SENDS)


@pytest.mark.usefixtures("pauses")
async def test_what_the_client_sent_again_by_itself_counts() -> None:
    """A client that tried it often enough needs no help."""
    sender = Sender(lost(MOST_SENDS))
    with pytest.raises(ConnectionLostError):
        await asking(sender, Health("h"), after_drop=True)
    assert sender.sends == 1


@pytest.mark.usefixtures("pauses")
async def test_a_request_of_unknown_fate_is_not_sent_again() -> None:
    """It is nobody's word that it changes nothing."""
    sender = Sender(lost(), FINE)
    with pytest.raises(ConnectionLostError):
        await asking(sender, Health("h"))
    assert sender.sends == 1


def lost(sends: int = 1) -> ConnectionLostError:
    """Return the error of a request that met a drop."""
    return ConnectionLostError("GET /x", "", "h closed it", sends=sends)
