"""`wireproof plan` shows exactly what a run would send, and counts what it leaves out."""

from __future__ import annotations

import json
import re

import pytest

from wireproof.cli import main

NEVER = {"irreversible", "real_money", "venue_only", "scarce"}


def marks(plan):
    """Return the marks of all cases that a plan lists."""
    return {mark for found in re.findall(r"\[([a-z_, ]+)\]$", plan, re.MULTILINE) for mark in found.split(", ")}


@pytest.fixture
def planned(capsys, monkeypatch):
    """Return what prints a plan; no key is in the environment."""
    monkeypatch.delenv("WIREPROOF_API_KEY", raising=False)

    def planned(*arguments):
        assert main(["plan", *arguments]) == 0
        return capsys.readouterr().out

    return planned


@pytest.mark.parametrize("product", ["usdm", "options", "portfolio-margin"])
def test_live_is_planned_read_only_unless_trading_is_asked_for(planned, product):
    """No order, no loan and nothing that only the local venue can trigger is listed."""
    assert marks(planned("--product", product, "--target", "live")) & {*NEVER, "trading", "account_wide"} == set()
    trading = marks(planned("--product", product, "--target", "live", "--allow-trading"))
    assert "trading" in trading
    assert trading & NEVER == set()


def test_what_is_left_out_is_counted_by_reason(planned):
    out = planned("--product", "portfolio-margin", "--target", "live")
    assert "cases: live is read-only" in out
    assert "never sent to live: it cannot be undone, or it moves money" in out


@pytest.mark.parametrize("product", ["portfolio-margin", "portfolio-margin-pro"])
def test_a_product_without_a_testnet_has_nothing_to_send_there(planned, product):
    out = planned("--product", product, "--target", "testnet")
    assert "Nothing to send" in out
    assert "there is no testnet for this product" in out


def test_a_plan_is_narrowed_and_sorted_by_cost(planned):
    """The dearest first, state included; the words and marks that a run takes."""
    made = json.loads(planned("--product", "usdm", "-m", "public and rejection", "--sort", "cost", "--json"))
    [product] = made["products"]
    costs = [case["weight"] + case["state_weight"] for case in product["cases"]]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] > costs[-1]
    assert {"public", "rejection"} <= set.intersection(*(set(case["marks"]) for case in product["cases"]))
    assert product["totals"]["cases"] == len(costs)
    narrowed = planned("--product", "usdm", "-k", "depth and limit-1000")
    assert [line.split()[0] for line in narrowed.splitlines() if line.startswith("  usdm")] == [
        "usdm/ws-api/depth/limit-1000",
        "usdm/rest/GET.fapi.v1.depth/limit-1000",
    ]


def test_the_local_venue_is_sent_everything(planned):
    assert "Left out" not in planned("--product", "options")
