"""Where things are in the checkout that is tested."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "wireproof"
CONTRACTS = ROOT / "contracts"
