"""What takes secrets out of texts."""

from __future__ import annotations

import pytest

from wireproof.wire.secrets.redact import Redactor


@pytest.fixture
def redactor():
    """Return what knows one key."""
    made = Redactor()
    made.register("vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A", "api key")
    return made
