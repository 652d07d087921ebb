"""Lookups of a ledger."""

from __future__ import annotations

INFO = "usdm/rest/GET.fapi.v1.exchangeInfo"


def test_lookups_say_when_a_place_and_a_word_were_seen(nights):
    from wireproof.ledger.joining import join  # noqa: PLC0415

    ledger = join(
        nights.ledger(nights.observed(INFO, {"rateLimits": [{"interval": "MINUTE"}]})),
        nights.ledger(nights.observed(INFO, {"rateLimits": [{"interval": "FORTNIGHT"}]}), night=3),
    )
    path = "rateLimits[].interval"
    assert (ledger.first_seen(INFO, path), ledger.last_seen(INFO, path)) == ("2026-11-18", "2026-11-21")
    assert (ledger.first_seen(INFO, path, "FORTNIGHT"), ledger.last_seen(INFO, path, "MINUTE")) == (
        "2026-11-21",
        "2026-11-18",
    )
    assert ledger.first_seen(INFO, path, "HOUR") == ledger.last_seen(INFO, "nothing") == ""
    assert ledger.place("nothing", path) is ledger.presence("nothing", path) is ledger.presence(INFO, "x") is None


def test_what_is_not_documented_could_be_in_every_object_around_it(nights):
    rows = [{"interval": "MINUTE", "extra": 1}, {"interval": "MINUTE"}]
    presence = nights.ledger(nights.observed(INFO, {"rateLimits": rows})).presence(INFO, "rateLimits[].extra")
    assert (presence.times, presence.could_times, presence.absent) == (1, 2, 0)
