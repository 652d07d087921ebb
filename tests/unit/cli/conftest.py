"""Contracts that commands may write to."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from checkout import ROOT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def contracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the USDⓈ-M contracts that commands may write to."""
    folder = tmp_path / "contracts"
    shutil.copytree(ROOT / "contracts" / "usdm", folder / "usdm")
    monkeypatch.setenv("WIREPROOF_CONTRACTS", str(folder))
    return folder
