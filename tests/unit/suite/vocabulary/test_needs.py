"""Every need that a contract names has its row, every row is used, and rows answer for several needs at once."""

from __future__ import annotations

from wireproof.suite.vocabulary.causes import CAUSES
from wireproof.suite.vocabulary.needs import NEEDS, key_type_of, mode_of, requests_for


def cases(store):
    """Return the cases that contract files name."""
    return [case for contract in store.contracts.values() for case in contract.cases]


def test_every_need_of_a_contract_has_a_row_and_every_row_is_used(store):
    """A need may also be used by a cause that a stream names, or be there for every case."""
    named = {need for case in cases(store) for need in case.needs}
    named |= {need for contract in store.contracts.values() for need in contract.base_needs}
    named |= {need for kind in CAUSES.values() for need in kind.stream_needs or ()}
    assert named | {name for name, need in NEEDS.items() if need.always} == set(NEEDS)


def test_rows_answer_for_several_needs():
    assert requests_for(["open_order", "symbol", "user_stream"]) == (
        "place an order",
        "cancel an order",
        "extend a listen key",
    )
    assert (key_type_of(["symbol", "rsa_key"]), key_type_of(["symbol"])) == ("RSA", "")
    assert (mode_of(["multi_assets", "hedge_mode"]), mode_of(["symbol"])) == ("hedge", "")
