"""Variables of the environment: those that are read, and no others."""

import pytest
from checkout import ROOT

from wireproof.contract.variables import URL_NAMES, VARIABLES, known_variables, refuse_unknown
from wireproof.errors import ConfigurationError


def test_every_product_has_its_urls():
    known = known_variables({})
    assert {f"WIREPROOF_USDM_{name}" for name in URL_NAMES} <= known
    assert {f"WIREPROOF_PORTFOLIO_MARGIN_{name}" for name in URL_NAMES} <= known
    assert set(VARIABLES) <= known


def test_products_of_another_folder_of_contracts_count(tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "product.json").write_text("{}")
    known = known_variables({"WIREPROOF_CONTRACTS": str(tmp_path)})
    assert {"WIREPROOF_NEW_REST_URL", "WIREPROOF_USDM_REST_URL"} <= known


def test_an_unknown_variable_is_refused_with_the_nearest_name():
    refuse_unknown({"PATH": "/bin", "WIREPROOF_API_KEY": "k"})
    with pytest.raises(ConfigurationError, match=r"sets WIREPROOF_APIKEY, which .* Did you mean 'WIREPROOF_API_KEY'\?"):
        refuse_unknown({"WIREPROOF_APIKEY": "k"})


def test_the_page_of_targets_has_every_variable():
    page = (ROOT / "docs/targets.md").read_text("utf-8")
    assert [name for name in VARIABLES if f"`{name}`" not in page] == []
