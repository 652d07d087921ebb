"""REST: convert, portfolio margin, downloads and other small models."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wireproof.venue.operations import Operation

EXTRA_ROUTES: tuple[Operation, ...] = ()
