"""What can be asked of USDⓈ-M's WebSocket API."""

from __future__ import annotations

from wireproof.venue.products.usdm.usdm_operations import USDM_METHODS


def test_all_documented_requests_are_there():
    """Eighteen requests; sessions come on top."""
    assert len(USDM_METHODS) == 18
