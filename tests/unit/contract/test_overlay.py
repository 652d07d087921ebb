"""Your own waivers and contracts stand beside those that came with wireproof, and on top of them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from checkout import CONTRACTS

from wireproof.contract import overlay as overlays
from wireproof.contract.overlay import digest, folder_to_write, overlay_folder
from wireproof.contract.store import load_store
from wireproof.errors import ContractFileError, UsageError
from wireproof.suite.planning.check import check

if TYPE_CHECKING:
    from pathlib import Path

DEPTH = "usdm/ws-api/depth.json"


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return contracts that stand for the installed ones; the folder to run in is empty."""
    folder = tmp_path / "site" / "contracts"
    (folder / "usdm" / "ws-api").mkdir(parents=True)
    for name in ("product.json", "ws-api/depth.json", "ws-api/ticker.price.json"):
        shutil.copy(CONTRACTS / "usdm" / name, folder / "usdm" / name)
    monkeypatch.setattr(overlays, "shipped_folder", lambda: folder)
    monkeypatch.setenv("WIREPROOF_CONTRACTS", str(folder))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return a place for an overlay where commands find it by themselves."""
    return tmp_path / "work" / "wireproof"


def stacked(shipped: Path, own: Path, change: tuple[str, str] = ("depth", "depth")) -> Path:
    """Put a changed copy of a shipped contract into the overlay."""
    (own / "usdm" / "ws-api").mkdir(parents=True)
    text = (shipped / DEPTH).read_text("utf-8")
    (own / DEPTH).write_text(text.replace(*change), "utf-8")
    return own / DEPTH


def test_a_contract_of_the_overlay_takes_the_place_of_the_shipped_one(shipped: Path, own: Path) -> None:
    assert load_store().overlay is None
    file = stacked(shipped, own, ('"title": "', '"title": "Own: '))
    store = load_store()
    contract = store.contract("usdm/ws-api/depth")
    assert contract.title.startswith("Own: ")
    assert store.file_of(contract).resolve() == file
    assert store.file_of(store.contract("usdm/ws-api/ticker.price")).is_relative_to(shipped)
    assert list(store.contracts) == list(load_store(shipped).contracts)
    assert load_store(shipped).overlay is None, "a folder that is named stands alone"


def test_a_contract_that_was_made_of_another_one_than_the_shipped_is_named(shipped: Path, own: Path) -> None:
    file = stacked(shipped, own)
    file.write_text(file.read_text("utf-8").replace("{", f'{{"over": "{digest(shipped / DEPTH)}",', 1), "utf-8")
    assert load_store().outdated == []
    before = check(shipped, own).problems  # of rules for contracts that are not here
    (shipped / DEPTH).write_text((shipped / DEPTH).read_text("utf-8") + "\n", "utf-8")
    [sentence] = load_store().outdated
    assert "depth.json was made of another version" in sentence
    assert set(check(shipped, own).problems) - set(before) == {sentence.replace("wireproof/", f"{own}/", 1)}


def test_nothing_is_written_to_what_is_installed(shipped: Path, own: Path) -> None:
    written = load_store().file_to_write("usdm/waivers.json")
    assert written.resolve() == own / "usdm/waivers.json"
    assert folder_to_write(shipped.parent, None) == shipped.parent, "contracts of one's own are written to"


@pytest.mark.parametrize("name", ["__init__.py", "pyproject.toml", ".git"])
def test_a_package_or_checkout_of_that_name_is_no_overlay(shipped: Path, own: Path, name: str) -> None:
    own.mkdir()
    (own / name).touch()
    assert overlay_folder({}) is None
    with pytest.raises(UsageError, match="WIREPROOF_OVERLAY=FOLDER"):
        folder_to_write(shipped, None)


def test_the_environment_names_another_overlay(shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It need not be there yet."""
    monkeypatch.setenv("WIREPROOF_OVERLAY", str(tmp_path / "ours"))
    assert load_store().file_to_write(DEPTH) == tmp_path / "ours" / DEPTH
    assert shipped.is_dir()


def test_a_misspelt_product_in_an_overlay_is_refused(shipped: Path, own: Path) -> None:
    (own / "usmd").mkdir(parents=True)
    (own / "docs").mkdir()
    assert load_store().contracts
    (own / "usmd" / "waivers.json").write_text('{"waivers": []}', "utf-8")
    with pytest.raises(UsageError, match=r"there is no product 'usmd'.*Did you mean 'usdm'\?"):
        load_store()
    assert any("'usmd'" in problem for problem in check(shipped, own).problems)


def test_a_broken_contract_of_an_overlay_is_named(shipped: Path, own: Path) -> None:
    file = stacked(shipped, own, ('"title"', '"titel"'))
    with pytest.raises(ContractFileError, match="unknown key 'titel'") as refused:
        load_store()
    assert str(file.relative_to(own.parent)) in str(refused.value)
    [problem] = [one for one in check(shipped, own).problems if "titel" in one]
    assert str(file) in problem


def test_an_overlay_that_is_a_file_is_refused(tmp_path):
    (file := tmp_path / "own").touch()
    with pytest.raises(UsageError, match=r"WIREPROOF_OVERLAY names .*own, which is a file"):
        overlay_folder({"WIREPROOF_OVERLAY": str(file)})
