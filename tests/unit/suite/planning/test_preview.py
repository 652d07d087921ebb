"""`wireproof plan` counts what a run costs before anything is sent."""

from __future__ import annotations

from wireproof.suite.planning.preview import plan_lines, preview


def test_every_case_is_listed_with_its_weight_and_requests(store, planned):
    lines = list(plan_lines(preview(store, [planned["usdm/ws-api/depth/limit-1000"]], target="live")))
    assert "usdm/ws-api/depth/limit-1000" in lines[1]
    assert "weight  20" in lines[1]


def test_a_plan_that_does_not_fit_a_minute_says_how_long_it_waits(store, planned):
    case = planned["usdm/ws-api/depth/limit-1000"]
    lines = "\n".join(plan_lines(preview(store, [case] * 200, target="live")))
    assert "weight per minute: 2400, 1607 of 2400" in lines
    assert "shortest possible duration: 60 s of waiting" in lines
    assert "60 s" not in "\n".join(plan_lines(preview(store, [case] * 200, target="testnet")))


def test_account_wide_cases_come_last(store, planned):
    ids = ["usdm/ws-api/order.place/hedge-long", "usdm/ws-api/ticker.price/symbol-sent"]
    lines = list(plan_lines(preview(store, [planned[name] for name in ids], target="live")))
    assert ids[1] in lines[1]
    assert ids[0] in lines[2]


def test_the_plan_adds_up_products_that_share_a_limit_pool(store, planned):
    ids = ["usdm/ws-api/depth/limit-1000", "coinm/rest/GET.dapi.v1.depth/limit-1000"]
    lines = list(plan_lines(preview(store, [planned[name] for name in ids], target="live")))
    assert lines[0].startswith("USD")
    together = "\n".join(lines).partition("Together, as usdm and coinm share the limit pool futures")[2]
    assert "2 cases, 2 requests, total weight 54" in together


def test_state_of_a_product_without_a_book_costs_what_its_requests_cost(store, planned):
    """Four of 1,500 are sent for a level that is set and set back."""
    names = [
        f"portfolio-margin-pro/{name}"
        for name in (
            "rest/GET.sapi.v1.portfolio.margin-call-level/set",
            "event/PM_PRO_ACCOUNT_UPDATE/every-five-seconds",
        )
    ]
    lines = list(plan_lines(preview(store, [planned[name] for name in names], target="live")))
    (level,) = [line for line in lines if names[0] in line]
    assert "weight 1500 + 4500 for its state,  4 requests" in level


def test_streams_are_watched_and_events_cost_what_causes_them(store, planned):
    """Subscribing is no request; watching goes on beside everything else."""
    names = ("usdm/stream/markPrice/default", "usdm/event/ORDER_TRADE_UPDATE/cancelled")
    lines = list(plan_lines(preview(store, [planned[name] for name in names], target="local")))

    (stream,) = [line for line in lines if names[0] in line]
    (event,) = [line for line in lines if names[1] in line]
    assert " 0 requests" in stream
    assert " 3 requests" in event
    assert "  1 case of streams is watched meanwhile, each for 15 s at most" in lines


def test_a_stream_is_brought_about_on_the_local_venue_only(store, planned):
    """Elsewhere it is just watched, for no request at all."""
    case = planned["usdm/stream/forceOrder/symbol"]
    local = "\n".join(plan_lines(preview(store, [case], target="local")))
    live = "\n".join(plan_lines(preview(store, [case], target="live")))
    assert "1 case, 0 requests" in live
    assert "1 case, 8 requests" in local
