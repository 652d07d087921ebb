"""Large answers judged piece by piece say what one look at the whole says."""

import msgspec
import pytest

from wireproof.contract.compiling.chunks import in_windows
from wireproof.contract.shape import ShapeBuilder

ROW = {"symbol": "BTCUSDT", "price": "1.0", "time": 1_790_000_000_000, "levels": [["1", "2"]]}
ROWS = 2_000


@pytest.fixture(scope="module")
def conforms():
    return in_windows(ShapeBuilder().build([{"rows": [ROW], "total": 1}]), formats=True)


def body(rows, **more):
    return msgspec.json.encode({"rows": rows, "total": 1} | more)


def test_a_large_sound_answer_conforms(conforms):
    assert conforms(body([ROW] * ROWS))
    assert conforms(body([]))


@pytest.mark.parametrize("place", [0, ROWS // 2, ROWS - 1], ids=["first", "middle", "last"])
@pytest.mark.parametrize(
    "spoiled",
    [
        {"price": "x"},
        {"price": 1},
        {"time": 5},
        {"extra": 1},
        {"levels": [["1", "x"]]},
    ],
    ids=["decimal", "type", "time", "field", "inner"],
)
def test_one_row_that_differs_is_seen_wherever_it_stands(conforms, place, spoiled):
    rows = [ROW] * ROWS
    rows[place] = ROW | spoiled
    assert not conforms(body(rows))


def test_a_text_that_looks_like_the_end_of_a_row_misleads_nobody(conforms):
    rows = [ROW | {"symbol": '"},{"symbol'}] * ROWS
    assert conforms(body(rows))


def test_what_is_outside_of_the_array_is_judged_too(conforms):
    assert not conforms(body([ROW] * ROWS, total="1"))
    assert not conforms(body([ROW] * ROWS)[:-1])


def test_a_key_that_is_named_twice_is_seen(conforms):
    whole = body([ROW] * ROWS)
    assert not conforms(whole.replace(b'"price":"1.0"', b'"price":"1.0","price":"1.0"', 1))
