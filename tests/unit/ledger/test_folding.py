"""What of a run's observations counts, and as what."""

from __future__ import annotations

import pytest

from wireproof.contract.shape import Node, Scalar
from wireproof.ledger.folding import LONGEST_PLACE, MOST_PLACES, NO_WORD, kind_of

INTEREST = "usdm/rest/GET.fapi.v1.openInterest"
INFO = "usdm/rest/GET.fapi.v1.exchangeInfo"
FUNDING = "usdm/rest/GET.fapi.v1.fundingInfo"
SOUND = {"openInterest": "1.5", "symbol": "BTCUSDT", "time": 1_795_000_000_000}


def test_a_field_is_counted_with_its_kind_its_day_and_its_case(nights):
    ledger = nights.ledger(nights.observed(INTEREST, SOUND), night=2)
    place = ledger.place(INTEREST, "openInterest")
    assert (place.first, place.last, place.absent_first) == ("2026-11-20", "2026-11-20", "")
    assert place.case == f"{INTEREST}/default"
    assert {kind: seen.answers for kind, seen in place.kinds.items()} == {"decimal": 1}
    assert ledger.presence(INTEREST, "openInterest").could == 1
    assert ledger.contracts[INTEREST].days() == ["2026-11-20"]


def test_absence_has_its_own_days_and_case(nights):
    without = {"symbol": "BTCUSDT", "time": 1}
    ledger = nights.ledger(nights.observed(INTEREST, SOUND), nights.observed(INTEREST, without, name="b"))
    place, presence = ledger.place(INTEREST, "openInterest"), ledger.presence(INTEREST, "openInterest")
    assert (presence.answers, presence.could, presence.absent) == (1, 2, 1)
    assert (place.absent_first, place.absent_last, place.absent_case) == ("2026-11-18", "2026-11-18", f"{INTEREST}/b")


def test_presence_counts_elements_as_well_as_answers(nights):
    rows = [{"symbol": "A"}] * 647 + [{"symbol": "A", "disclaimer": False}] * 3
    presence = nights.ledger(nights.observed(FUNDING, rows)).presence(FUNDING, "[].disclaimer")
    assert (presence.answers, presence.could, presence.times, presence.could_times) == (1, 1, 3, 650)


def test_null_and_empty_lists_are_kinds_of_their_own(nights):
    document = {"exchangeFilters": [], "rateLimits": None, "assets": [{}]}
    ledger = nights.ledger(nights.observed(INFO, document))
    kinds = {path: list(ledger.place(INFO, path).kinds) for path in ("exchangeFilters", "rateLimits", "assets[]")}
    assert kinds == {"exchangeFilters": ["empty array"], "rateLimits": ["null"], "assets[]": ["empty object"]}


@pytest.mark.parametrize(
    ("value", "kind"),
    [("1.0", "decimal"), ("x", "string"), ("", "empty"), (True, "boolean"), (7, "integer"), (0.5, "number")],
)
def test_kinds_of_leaves(value, kind):
    assert kind_of(value) == kind


def test_digits_where_text_is_documented_are_text():
    assert kind_of("123", Node(scalars=frozenset({Scalar.STRING}))) == "string"


def test_words_are_kept_of_enumerated_places_only(nights):
    document = {"rateLimits": [{"interval": "FORTNIGHT", "rateLimitType": "ORDERS"}], "timezone": "UTC"}
    ledger = nights.ledger(nights.observed(INFO, document))
    assert {w: s.documented for w, s in ledger.place(INFO, "rateLimits[].interval").words.items()} == {
        "FORTNIGHT": False
    }
    assert ledger.place(INFO, "rateLimits[].rateLimitType").words["ORDERS"].documented
    assert ledger.place(INTEREST, "symbol") is None
    assert all(not place.words for _, path, place in ledger.every_place() if path == "timezone")


@pytest.mark.parametrize("value", ["wp-1234567890", "1a2b3c4d5e6f", "a" * 41, "name@example.org", "§"])
def test_what_is_no_word_is_not_kept_as_it_came(nights, value):
    ledger = nights.ledger(nights.observed(INFO, {"rateLimits": [{"interval": value}]}))
    assert list(ledger.place(INFO, "rateLimits[].interval").words) == [NO_WORD]


def test_undocumented_fields_are_in_it_with_what_is_below(nights):
    ledger = nights.ledger(nights.observed(INTEREST, SOUND | {"extra": {"deep": 1}}))
    place = ledger.place(INTEREST, "extra.deep")
    assert (place.documented, list(place.kinds)) == (False, ["integer"])
    assert ledger.presence(INTEREST, "extra").could == 1


def test_refusals_trouble_and_repetitions_do_not_count(nights):
    observed = [
        nights.observed(INTEREST, {"code": -1121, "msg": "Invalid symbol."}, expect_codes=(-1121,), status=400),
        nights.observed(INTEREST, {"code": -1121, "msg": "Invalid symbol."}, status=400),
        nights.observed(INTEREST, {"code": -1000, "msg": "Trouble."}, status=200),
        nights.observed(INTEREST, "<html>", status=503),
        nights.observed(INTEREST, SOUND, attempt=2),
        nights.observed(INTEREST, "{", status=200),
    ]
    assert nights.ledger(*observed).contracts == {}


@pytest.mark.parametrize("verdict", ["blocked", "broken"])
def test_cases_without_a_statement_do_not_count(nights, verdict):
    observed = nights.observed(INTEREST, SOUND)
    assert nights.ledger(observed, cases=[nights.case(observed, verdict)]).contracts == {}


def test_each_message_of_a_stream_is_an_answer(nights):
    message = '{"e":"aggTrade","E":1795000000000,"s":"BTCUSDT"}'
    contract = "usdm/stream/aggTrade"
    ledger = nights.ledger(nights.observed(contract, message, messages=(message,) * 3))
    assert ledger.contracts[contract].answers == 3
    assert ledger.presence(contract, "p").absent == 3


def test_places_of_the_targets_own_making_are_bounded(nights):
    flood = [SOUND | {f"k{answer}{key}": 1 for key in range(8)} for answer in range(20)]
    ledger = nights.ledger(*(nights.observed(INTEREST, one, name=f"{n}") for n, one in enumerate(flood)))
    record = ledger.contracts[INTEREST]
    assert sum(not place.documented for place in record.places.values()) == MOST_PLACES
    assert record.left_out


def test_many_keys_in_one_object_are_free_ones(nights):
    ledger = nights.ledger(nights.observed(INTEREST, SOUND | {"extra": {f"S{n}": n for n in range(1000)}}))
    assert ledger.place(INTEREST, "extra.*").times == 1000


def test_long_keys_are_left_out(nights):
    ledger = nights.ledger(nights.observed(INTEREST, SOUND | {"k" * LONGEST_PLACE + "k": 1}))
    assert ledger.contracts[INTEREST].left_out
    assert all(place.documented for _, _, place in ledger.every_place())
