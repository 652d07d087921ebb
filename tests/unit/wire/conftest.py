"""Peers and keys for the tests of the wire layer."""

from __future__ import annotations

import sys
from pathlib import Path

# The suite runs with importlib import mode: folders of tests are not on the path by themselves.
sys.path.insert(0, str(Path(__file__).parent))
