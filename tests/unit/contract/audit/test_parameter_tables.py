"""What a table of parameters leaves open is named, unless the page leaves it open as well."""

from __future__ import annotations

import pytest
from made_contracts import made_contract

from wireproof.contract.audit.parameter_tables import left_open
from wireproof.contract.model import Param, Request, Security, Weight


def table(*params, name="a", **more):
    request = Request(method="GET", path=f"/{name}", security=Security.NONE, weight=Weight(ip=1), params=params)
    return made_contract({}, name=name, subject=request, **more)


def param(name, kind="INT", **more):
    return Param(name=name, type=kind, **more)


SIDE = param("side", "ENUM", enum="Side")


@pytest.mark.parametrize(
    ("one", "missing"),
    [
        (param("limit"), "limit has no largest value and default"),
        (param("limit", default=500), "limit has no largest value"),
        (param("rows", "LONG", maximum=100), "rows has no default"),
        (param("kind", "ENUM"), "kind has no words"),
        (param("side", "STRING"), "side has no words"),
        (param("side", "INT"), "side has no words"),
        (param("recvWindow", "LONG"), "recvWindow has no largest value"),
        (param("orders", "ARRAY", items=(param("side", "ENUM"),)), "orders[].side has no words"),
    ],
)
def test_what_the_documentation_names_elsewhere_is_missing(one, missing):
    other = table(SIDE, param("recvWindow", "LONG", maximum=60000), name="b")
    [said] = left_open([table(one), other])
    assert said == f"usdm/rest/a: parameter {missing}. Add it, or say in 'unstated' that the page has none."


@pytest.mark.parametrize(
    "one",
    [
        param("limit", default=500, maximum=1000),
        param("limit", default=500, enum=("5", "500")),
        param("limit", required=True, maximum=1000),
        param("limit", default=500, unstated="the page names no largest value"),
        param("side", "BOOLEAN"),
        param("asset", "STRING"),
        param("orderId", "LONG"),
    ],
)
def test_what_is_said_or_left_open_by_the_page_is_right(one):
    other = table(SIDE, param("asset", "STRING", enum=("USDT",)), name="b")
    assert list(left_open([table(one), other])) == []


def test_a_retired_table_is_not_looked_at():
    assert list(left_open([table(param("limit"), retired="2026-06-30")])) == []


def test_a_reason_without_a_gap_is_named():
    [said] = left_open([table(param("limit", default=500, maximum=1000, unstated="why"))])
    assert said == "usdm/rest/a: parameter limit leaves nothing open. Delete 'unstated'."
