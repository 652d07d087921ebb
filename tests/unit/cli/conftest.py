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


@pytest.fixture
def own_key(monkeypatch: pytest.MonkeyPatch) -> str:
    """Set a key in the environment, and return it."""
    key = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
    monkeypatch.setenv("WIREPROOF_API_KEY", key)
    monkeypatch.setenv("WIREPROOF_API_SECRET", "s3cr3t" * 8)
    return key
