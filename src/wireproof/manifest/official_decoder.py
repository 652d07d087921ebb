"""Decodes answers as an official SDK does: with the model that its own source names for the request.

What a model refuses is raised here. The SDK itself then logs a warning, parses a REST answer again without strict
types, and hands on the decoded JSON where that fails too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.contract.store import load_store
from wireproof.manifest.contract_mapping import ContractMapping
from wireproof.manifest.sdk_mapping import contracts_of, models_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.contract.store import Store


class NoModelError(LookupError):
    """The SDK has no model for a contract."""


def official_decoder(package: Any) -> Callable[[Any, str], Any]:
    """Return a decoder of documents by contract for an imported SDK; LookupError where it names no models."""
    models = official_models(package, load_store())
    if not models:
        raise LookupError(f"{package.__name__} names no request with its model, as the exchange's generated SDKs do.")

    def decode(document: Any, contract: str) -> Any:
        if contract not in models:
            raise NoModelError(f"the SDK has no model for {contract}")
        surface, model = models[contract]
        if surface == "rest":
            return _answer(model, document)
        if surface == "ws-api":
            return model.model_validate(document)
        if isinstance(document, list):
            return [model.model_validate(one) for one in document]
        return model.model_validate(document)

    return decode


def official_models(package: Any, store: Store) -> dict[str, tuple[str, Any]]:
    """Return the surface and the model of each contract that an SDK has one for."""
    found = contracts_of(list(models_of(package)), ContractMapping(store))
    return {name: (one.surface, one.model) for one, ids in found for name in ids}


def _answer(model: Any, document: Any) -> Any:
    """Decode a REST answer as `binance_common.utils.send_request` does."""
    is_list = isinstance(document, list)
    if is_list and document and isinstance(document[0], list):
        return document
    is_one_of = hasattr(model, "is_oneof_model") and model.is_oneof_model()
    if is_one_of or is_list or hasattr(model, "from_dict"):
        return model.from_dict(document)
    return model.model_validate(document)
