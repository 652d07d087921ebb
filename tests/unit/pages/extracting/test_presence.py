"""Comments about presence: only sometimes, where a sibling has some values, or nothing of the kind."""

import pytest

from wireproof.contract.model import When
from wireproof.pages.extracting.presence import Presence, presence_of

ORDER = [{"orderType": "LIMIT", "status": "NEW", "count": 1, "closed": False}]


@pytest.mark.parametrize(
    ("comment", "when"),
    [
        ("only returned when status is REJECTED", When(field="status", one_of=("REJECTED",))),
        ("only sent if order type is STOP or STOP_MARKET", When(field="orderType", one_of=("STOP", "STOP_MARKET"))),
        ("only with TRAILING_STOP_MARKET order", When(field="orderType", one_of=("TRAILING_STOP_MARKET",))),
        ("only shown if closed is true", When(field="closed", one_of=(True,))),
        ("only appears if count is 3", When(field="count", one_of=(3,))),
        ("only returned if the weather is fine", None),
        ("will not be returned in some regions", None),
        ("may be absent", None),
    ],
)
def test_fields_that_are_only_sometimes_there(comment, when):
    assert presence_of(comment, ORDER) == Presence(when)


@pytest.mark.parametrize(
    "comment", ["if can trade", "please ignore when order type is MARKET", "only for USDT asset", "average price", ""]
)
def test_comments_about_values_say_nothing_of_presence(comment):
    assert presence_of(comment, ORDER) is None
