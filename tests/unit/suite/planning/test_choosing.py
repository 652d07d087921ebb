"""`-k` and `-m` of a plan: what fits nothing is said with the nearest name. test_expressions compares with pytest."""

from __future__ import annotations

import pytest

from wireproof.contract.store import load_store
from wireproof.errors import UsageError
from wireproof.suite.planning.cases import plan_cases
from wireproof.suite.planning.choosing import chosen, hint, refuse_unsound


@pytest.fixture(scope="module")
def cases():
    store = load_store()
    return plan_cases(store, store.select(product="usdm", surface="ws-api"))


def test_both_expressions_choose(cases):
    found = chosen(cases, "order.place and not rejects", "trading")
    assert found
    assert all("order.place" in case.id.lower() and "trading" in case.marks for case in found)
    assert chosen(cases) == cases


@pytest.mark.parametrize(
    ("keyword", "mark", "said"),
    [
        ("order.plaec", None, "-k 'order.plaec' fits no case. No id has 'order.plaec'. Did you mean 'order.place'?"),
        ("zzzzzzzz", None, "No id has 'zzzzzzzz'. `wireproof plan` lists them."),
        ("depth and order.place", None, "-k 'depth and order.place' fits no case."),
        (None, "publik", "-m: there is no mark 'publik'. Did you mean 'public'? Known: account_wide, "),
        (None, "public and (", "-m 'public and (' is no expression: "),
        ("a and", None, "-k 'a and' is no expression: "),
    ],
)
def test_what_fits_nothing_is_said_with_the_nearest(cases, keyword, mark, said):
    with pytest.raises(UsageError) as refused:
        chosen(cases, keyword, mark)
    assert said in str(refused.value)


def test_what_a_mark_was_given_is_no_mark():
    refuse_unsound("", "asyncio(loop_scope='session') and not public")


def test_there_is_no_hint_where_each_word_fits_some_case(cases):
    assert hint("depth and order.place", cases) == ""
