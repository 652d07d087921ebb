"""An alteration: what is derived from the place that it names."""

import pytest

from wireproof.torture.alteration import Alteration


def made(bucket="rest success", **more):
    return Alteration(index=7, contract="usdm/rest/GET.a", bucket=bucket, kind="null", **more)


@pytest.mark.parametrize(
    ("bucket", "surface"),
    [("rest success", "rest"), ("ws-api error", "ws-api"), ("command success", "stream"), ("event ", "event")],
)
def test_the_surface_is_that_of_its_messages(bucket, surface):
    assert made(bucket).surface == surface


def test_product_and_marker():
    assert (made().product, made().marker) == ("usdm", "torture7x")


def test_paths_begin_at_the_message():
    assert made("ws-api success", path=("price",)).shown_path == "result.price"
    assert made("ws-api error", path=("code",)).shown_path == "error.code"
    assert made(path=("price",)).shown_path == "price"


def test_words_name_contract_kind_and_place():
    assert made(path=("price",), one=True).words == "usdm/rest/GET.a (success) null price (one element)"
    assert made().words == "usdm/rest/GET.a (success) null"
