"""The variables of the environment that wireproof reads: all of them, so that a misspelt one is an error."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wireproof.errors import ConfigurationError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "WIREPROOF_"

#: Every variable but the URLs, with what it says.
VARIABLES = {
    "WIREPROOF_API_KEY": "the API key",
    "WIREPROOF_API_SECRET": "its secret (HMAC)",
    "WIREPROOF_PRIVATE_KEY": "the path of its PEM file (RSA or Ed25519)",
    "WIREPROOF_PRIVATE_KEY_PASSWORD": "the password of that file",
    "WIREPROOF_CREDENTIALS": "the file that `wireproof venue --credentials FILE` wrote",
    "WIREPROOF_CONTRACTS": "another folder of contracts",
    "WIREPROOF_OVERLAY": "the folder of waivers, baseline and accepted contracts of your own",
    "WIREPROOF_TODAY": "the day that waivers are written and judged by",
    "WIREPROOF_ALLURE": "the cli.js of an installed Allure 3",
}
#: Another endpoint than the known one: of each product, for each of these.
URL_NAMES = ("WS_API_URL", "REST_URL", "STREAM_URL", "EVENT_URL")


def known_variables(environ: Mapping[str, str]) -> set[str]:
    """Return the name of every variable that is read; the products are those of the contracts in use and of our own."""
    from wireproof.contract.store import default_folder  # noqa: PLC0415  # commands start without it

    products = {
        place.parent.name
        for folder in {default_folder(environ), default_folder({})}
        for place in folder.glob("*/product.json")
    }
    urls = {f"{PREFIX}{name.upper().replace('-', '_')}_{url}" for name in products for url in URL_NAMES}
    return urls | set(VARIABLES)


def refuse_unknown(environ: Mapping[str, str] = os.environ) -> None:
    """Raise ConfigurationError, with the nearest known name, for a `WIREPROOF_…` variable that nobody reads.

    A setting that is misspelt would leave a run pointed at another target, or judged in another way, without a word.
    """
    given = sorted(name for name in environ if name.startswith(PREFIX))
    if not given:
        return
    known = known_variables(environ)
    for name in given:
        if name not in known:
            raise ConfigurationError(
                f"The environment sets {name}, which wireproof does not know."
                f" {did_you_mean(name, known, prefix=PREFIX)} Correct its name, or unset it."
            )
