"""The settings of a project are read from the nearest pyproject.toml, and refused with a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wireproof.errors import ConfigurationError
from wireproof.project_settings import Settings, read_settings

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = """
[tool.wireproof]
target = "testnet"
products = ["usdm", "coinm"]
select = "not listenKey"
marks = "public"
fail-on = "risky"
strictness = "at-once"
overlay = "tests/wireproof"
"""


def test_every_key_is_read_also_from_a_folder_below(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(WHOLE, "utf-8")
    (tmp_path / "src" / "deep").mkdir(parents=True)
    assert read_settings(tmp_path / "src" / "deep") == Settings(
        folder=tmp_path,
        target="testnet",
        products=("usdm", "coinm"),
        select="not listenKey",
        marks="public",
        fail_on="risky",
        at_once=True,
        overlay=tmp_path / "tests" / "wireproof",
    )


@pytest.mark.parametrize("text", ["", "[project]\nname = 'x'", "[tool.other]\nwireproof = 1", "# wireproof"])
def test_a_project_without_the_table_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text, "utf-8")
    assert read_settings(tmp_path) == Settings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.wireproof]\ntagret = 'live'", r"no key 'tagret'. Did you mean 'target'\?"),
        ("[tool.wireproof]\ntarget = 'life'", r"target of \[tool.wireproof\] cannot be 'life'. Did you mean 'live'\?"),
        ("[tool.wireproof]\nfail-on = 1", "fail-on of .* is a text, not 1"),
        ("[tool.wireproof]\nproducts = 'usdm'", r'products of .* is a list of names, such as \["usdm", "coinm"\]'),
        ("[tool.wireproof]\nproducts = [1]", "list of names"),
        ("[tool]\nwireproof = 'x'", "is no table"),
        ("[tool.wireproof\n", "cannot be read: .*line 1"),
    ],
)
def test_settings_that_are_not_sound_name_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=said) as refused:
        read_settings(tmp_path)
    assert str(file) in str(refused.value)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.wireproof]\n\xff")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_settings(tmp_path)
