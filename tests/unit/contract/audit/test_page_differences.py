"""Known differences between pages and contracts: a closed format that explains itself."""

from __future__ import annotations

import json

import pytest
from checkout import CONTRACTS

from wireproof.contract.audit.page_differences import FILE, load_page_differences
from wireproof.contract.store import load_store
from wireproof.errors import ContractFileError

SOUND = {
    "contracts": ["usdm/stream/depth"],
    "what": "field gone",
    "where": ["st"],
    "reason": "came after the page",
    "date": "2026-06-30",
    "link": "https://e.org",
}


def load(folder, **changes):
    (folder / FILE).write_text(json.dumps({"differences": [{**SOUND, **changes}]}))
    return load_page_differences(folder, {"usdm/stream/depth"})


def test_a_sound_file_is_read(tmp_path):
    assert load(tmp_path)[0].where == ("st",)


def test_a_product_without_the_file_has_none(tmp_path):
    assert load_page_differences(tmp_path) == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"date": "June"}, "date 'June' is no day"),
        ({"link": "http://e.org"}, "is no https address"),
        ({"reason": " "}, "has no reason"),
        ({"contracts": []}, "names no contract or no place"),
        ({"where": []}, "names no contract or no place"),
        ({"contracts": ["usdm/stream/dept"]}, "there is no contract 'usdm/stream/dept'"),
        ({"wher": ["st"]}, "unknown key 'wher'"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, changes, said):
    with pytest.raises(ContractFileError, match=said):
        load(tmp_path, **changes)


@pytest.mark.parametrize("product", ["usdm", "coinm", "options", "portfolio-margin", "portfolio-margin-pro"])
def test_the_stores_own_are_sound(product):
    load_page_differences(CONTRACTS / product, load_store(CONTRACTS).contracts)
