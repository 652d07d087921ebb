"""Where a case stands in the Allure report."""

from __future__ import annotations

from wireproof.report.allure_links import allure_page, result_uuid


def test_a_case_keeps_its_place() -> None:
    assert result_uuid("usdm/ws-api/order.place/limit-gtc") == "61ec25c1-f72c-55fb-a5e2-205b8fadbfdc"
    assert allure_page("usdm/ws-api/order.place/limit-gtc") == "c93e8651ccd67149346e7dc925adeed3"
    assert allure_page("a") != allure_page("b")
