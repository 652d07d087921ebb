"""One product's part of a run."""

from __future__ import annotations

import pytest

from wireproof.errors import ConfigurationError
from wireproof.suite.running.product_run import ProductRun


def test_a_product_without_a_driver_cannot_be_sent_to(context_of):
    with pytest.raises(ConfigurationError, match="it has no driver"):
        ProductRun(context_of(), "nothing", [], None)
