"""Known differences between pages and store: which changes they explain, and which of them are stale."""

from wireproof.contract.audit.page_differences import PageDifference
from wireproof.pages.changes import Change
from wireproof.pages.known_differences import Explanations

KNOWN = PageDifference(
    contracts=("usdm/rest/a", "usdm/rest/b"),
    what="field gone",
    where=("price", "qty"),
    reason="the change log is newer",
    date="2026-06-10",
    link="https://example.org",
)


def change(contract="usdm/rest/a", what="field gone", where="price", detail=""):
    return Change(contract=contract, what=what, where=where, detail=detail)


def test_a_difference_explains_its_contracts_at_its_places_only():
    explanations = Explanations([KNOWN])
    assert explanations.explains(change())
    assert explanations.explains(change("usdm/rest/b", where="qty"))
    others = [change("usdm/rest/c"), change(what="field added"), change(where="time"), change(detail="1 → 2")]
    assert [explanations.explains(one) for one in others] == [False] * 4


def test_what_came_up_is_one_line_for_each_difference():
    explanations = Explanations([KNOWN])
    assert explanations.lines() == []
    explanations.explains(change())
    explanations.explains(change("usdm/rest/b"))
    [line] = explanations.lines()
    assert line.startswith("explained: usdm/rest/a and 1 more: field gone price: the change of 2026-06-10 (")
    assert line.endswith("(https://example.org): the change log is newer")


def test_what_the_compared_pages_no_longer_show_is_stale():
    explanations = Explanations([KNOWN])
    explanations.explains(change())
    assert explanations.stale(["usdm/rest/a"]) == [
        "usdm/rest/a: field gone qty: the page no longer differs; delete it from page-differences.json."
    ]
    assert explanations.stale([]) == []
