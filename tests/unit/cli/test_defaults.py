"""What the command line does not name is as the project's settings say."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

import pytest

from wireproof.cli import main
from wireproof.cli.defaults import apply_settings

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """
[tool.wireproof]
target = "testnet"
products = ["usdm", "coinm"]
select = "ticker"
marks = "public"
fail-on = "risky"
strictness = "at-once"
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(SETTINGS, "utf-8")
    return tmp_path / "pyproject.toml"


def run(_options: Namespace) -> int:
    """Stand for the command of that name."""
    return 0


def applied(*arguments: str) -> Namespace:
    given = {"target": "local", "product": None, "fail_on": "breaking", "no_confirm": False}
    options = Namespace(command=run, **given, keyword=None, mark=None)
    apply_settings(options, arguments)
    return options


def test_settings_stand_for_options_that_are_not_given() -> None:
    options = applied()
    assert (options.target, options.product, options.fail_on) == ("testnet", "usdm,coinm", "risky")
    assert options.no_confirm is True
    assert (options.keyword, options.mark) == ("ticker", "public")


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        (["--product=usdm"], "product", None),
        (["--target", "local"], "target", "local"),
        (["--target=local"], "target", "local"),
        (["--targ", "local"], "target", "local"),
        (["--fail-on", "breaking"], "fail_on", "breaking"),
        (["-k", "depth"], "keyword", None),
        (["-m=x"], "mark", None),
        (["-m=x"], "keyword", "ticker"),
    ],
)
def test_an_option_that_is_given_beats_them(arguments: list[str], name: str, value: object) -> None:
    assert getattr(applied(*arguments), name) == value


def test_a_plan_is_that_of_the_project(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its products alone; other commands do not mind."""
    project.write_text('[tool.wireproof]\nproducts = ["portfolio-margin-pro"]\n', "utf-8")
    assert main(["plan"]) == 0
    ours = capsys.readouterr().out
    assert "portfolio-margin-pro/rest/" in ours
    assert "usdm/rest/" not in ours
    assert main(["plan", "--product", "options,portfolio-margin-pro", "--surface", "rest"]) == 0
    both = capsys.readouterr().out
    assert "options/rest/" in both
    assert "portfolio-margin-pro/rest/" in both


def test_settings_that_are_not_sound_are_a_sentence_and_2(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project.write_text("[tool.wireproof]\nproduct = ['usdm']\n", "utf-8")
    assert main(["plan"]) == 2
    assert "no key 'product'. Did you mean 'products'?" in capsys.readouterr().err


def test_a_product_that_is_not_there_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project.write_text("[tool.wireproof]\nproducts = ['usdm', 'spot']\n", "utf-8")
    assert main(["plan"]) == 2
    assert "There is no product 'spot'." in capsys.readouterr().err
