"""What the venue says about itself is read from its tables."""

from __future__ import annotations

from wireproof.venue.__main__ import main
from wireproof.venue.products.registry import PRODUCTS, ROUTES
from wireproof.venue.products.usdm.usdm_operations import USDM_METHODS
from wireproof.venue.serving.inventory import ENGINE, NOT_SENT, OWN, STATIC, STATIC_ROUTES, rows


def test_everything_served_is_listed_once():
    """Each route and method of the tables, with one of the four depths."""
    found = list(rows())
    assert len({row[:2] for row in found}) == len(found)
    assert {row.name for row in found if row.surface == "rest"} == set(ROUTES)
    assert set(USDM_METHODS) < {row.name for row in found if row.surface == "ws-fapi"}
    assert {row.name for row in found if row.surface == "stream"} == {
        pattern for one in PRODUCTS for pattern in one.streams
    }
    assert {row.depth for row in found} <= {ENGINE, OWN, STATIC, NOT_SENT}


def test_depths():
    """Orders come from the engine, convert from a model of its own, ping from nowhere."""
    depths = {row.name: row.depth for row in rows() if row.surface in {"rest", "event"}}
    assert depths["POST /fapi/v1/order"] == ENGINE
    assert depths["POST /fapi/v1/convert/getQuote"] == OWN
    assert {depths[name] for name in STATIC_ROUTES & set(ROUTES)} == {STATIC}
    assert (depths["MARGIN_CALL"], depths["GRID_UPDATE"]) == (ENGINE, NOT_SENT)


def test_the_command_prints_it(capsys):
    """--routes prints the table and ends."""
    assert main(["--routes"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("rest") and line.endswith("own model") for line in lines)
    assert lines[-1].startswith(f"{sum(1 for _ in rows())} in all: ")
