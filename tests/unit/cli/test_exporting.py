"""`wireproof export`: contracts in the languages of other tools."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest

from wireproof.cli import main

EVENT = "usdm/event/ORDER_TRADE_UPDATE"


def test_every_documented_answer_has_a_schema(capsys):
    """One schema for each example of each contract of a product, valid in the dialect that it names."""
    assert main(["export", "jsonschema", "--product", "usdm"]) == 0
    schemas = json.loads(capsys.readouterr().out)
    assert len(schemas) > 100
    for by_example in schemas.values():
        assert by_example
        for schema in by_example.values():
            jsonschema_rs.Draft202012Validator(schema)
            assert schema["title"]


def test_one_contract_can_be_named(capsys):
    """By its id, as reports print it."""
    assert main(["export", "jsonschema", EVENT]) == 0
    assert list(json.loads(capsys.readouterr().out)) == [EVENT]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["usdm/event/ORDER_TRADE_UPDAET"], EVENT),
        ([EVENT, "--product", "usdm"], "not both"),
        (["--product", "usd"], "usdm"),
    ],
)
def test_what_cannot_be_exported_is_said_in_a_sentence(capsys, arguments, sentence):
    """A slip of typing gives exit status 2 and the nearest name."""
    assert main(["export", "jsonschema", *arguments]) == 2
    assert sentence in capsys.readouterr().err


def test_a_product_is_described_in_openapi(capsys):
    """As one document with its requests."""
    assert main(["export", "openapi", "--product", "portfolio-margin-pro"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["openapi"] == "3.1.0"
    assert len(document["paths"]) > 20


@pytest.mark.parametrize(("product", "address"), [("portfolio-margin-pro", "/ws/{listenKey}"), ("options", "/ws")])
def test_a_product_is_described_in_asyncapi(capsys, product, address):
    """Its private streams have the listen key where its driver has it."""
    assert main(["export", "asyncapi", "--product", product]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["asyncapi"] == "3.0.0"
    assert document["channels"]["event"]["address"] == address


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "--product: coinm, options, portfolio-margin, portfolio-margin-pro, usdm."),
        (["--product", "usdm,coinm"], "describes one product"),
        (["--product", "usd"], "usdm"),
    ],
)
@pytest.mark.parametrize("language", ["openapi", "asyncapi"])
def test_a_document_is_of_one_product(capsys, language, arguments, sentence):
    """Products have hosts, codes and limits of their own."""
    assert main(["export", language, *arguments]) == 2
    assert sentence in capsys.readouterr().err
