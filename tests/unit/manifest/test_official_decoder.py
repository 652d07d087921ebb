"""An official SDK decodes with the models that its source names; with real ones in tests/clients."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace

import pytest
from pydantic import BaseModel

from wireproof.manifest import official_decoder as module
from wireproof.manifest.official_decoder import NoModelError, official_decoder


class Depth(BaseModel):
    """A model of an answer."""

    x: int

    @classmethod
    def from_dict(cls, document):
        """Make it as generated models do."""
        return [cls.model_validate(one) for one in document] if isinstance(document, list) else cls(**document)


def test_each_surface_is_decoded_as_the_sdk_does(monkeypatch):
    models = {"r": ("rest", Depth), "w": ("ws-api", Depth), "s": ("stream", Depth)}
    monkeypatch.setattr(module, "official_models", lambda *_: models)
    decode = official_decoder(SimpleNamespace())
    assert decode({"x": 1}, "r") == decode({"x": 1}, "w") == decode([{"x": 1}], "s")[0] == decode([{"x": 1}], "r")[0]
    assert decode([["row"]], "r") == [["row"]]
    with pytest.raises(NoModelError):
        decode({}, "other")


def test_a_package_without_models_is_refused(monkeypatch):
    monkeypatch.setattr(module, "official_models", lambda *_: {})
    with pytest.raises(LookupError, match="names no request"):
        official_decoder(ModuleType("plain"))
