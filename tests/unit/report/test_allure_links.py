"""Where a case stands in the Allure report."""

from __future__ import annotations

from wireproof.report.allure_links import allure_page, result_uuid

GTC = "usdm/ws-api/order.place/limit-gtc"


def test_a_case_keeps_its_place() -> None:
    assert result_uuid("testnet", GTC) == "9192142f-a914-5427-a814-900580232e61"
    assert allure_page("testnet", GTC) == "c04f387fd3d02f014a22b5ce72e922ed"


def test_each_case_of_each_target_has_its_own() -> None:
    """One report may hold several targets."""
    places = {allure_page(target, case) for target in ("testnet", "live") for case in ("a", "b")}
    assert len(places) == 4
