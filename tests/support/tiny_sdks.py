"""Small packages in the style of the official SDKs, written for one test each: folders, wheels, source archives."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from typing import TYPE_CHECKING

from checkout import CONTRACTS

if TYPE_CHECKING:
    from pathlib import Path

NAME = "binance_sdk_tiny"

MODEL = '''
class {name}(BaseModel):
    """
    {name}
    """  # noqa: E501

{fields}
    additional_properties: Dict[str, Any] = {{}}
    __properties: ClassVar[List[str]] = []

    model_config = ConfigDict(populate_by_name=True)

    @classmethod
    def is_array(cls) -> bool:
        return {array}

    def to_str(self) -> str:
        """Return text."""
        return pprint.pformat(
            self.model_dump(by_alias=True)
        )
'''
REQUEST = '''
    def {name}(
        self,{arguments}
    ) -> ApiResponse[{model}]:
        """
                {title}
                {verb} {path}
                https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-usd-s-m-futures/api/{name}

                {words}

        Weight(IP): {weight}

        Security Type: {security}

                Args:{told}

                Returns:
                    ApiResponse[{model}]
        """
        payload = {{}}
        return send_request(
            self._session, method="{verb}", path="{path}", payload=payload, response_model={model}, is_signed={signed},
        )
'''


def model(name: str, fields: str, *, array: bool = False) -> str:
    """Return a model; `fields` are lines such as `symbol: Optional[StrictStr] = None`."""
    return MODEL.format(name=name, fields="\n".join(f"    {line}" for line in fields.splitlines()), array=array)


def request(
    path: str,
    response: str,
    params: dict[str, tuple[str, str]] | None = None,
    *,
    verb: str = "GET",
    weight: str = "1",
    security: str = "NONE",
    words: str = "It answers.",
) -> str:
    """Return the method of a request; `params` have a declaration and a description by name."""
    given = params or {}
    return REQUEST.format(
        name=path.strip("/").replace("/", "_") + verb.lower(),
        title="A Request",
        verb=verb,
        path=path,
        model=response,
        arguments="".join(f"\n        {name}: {kind}," for name, (kind, _) in given.items()),
        told="".join(f"\n                    {name} ({kind}): {said}" for name, (kind, said) in given.items()),
        weight=weight,
        security=security,
        words=words,
        signed=security != "NONE",
    )


def sources(
    requests: str = "", models: str = "", enums: str = "", more: dict[str, str] | None = None
) -> dict[str, str]:
    """Return the files of a package by path."""
    return {
        f"{NAME}/__init__.py": "raise SystemExit('this package was run')\n",
        f"{NAME}/rest_api/api/market_api.py": f"class MarketApi:\n{requests or '    pass'}\n",
        f"{NAME}/rest_api/models/models.py": f"from pydantic import BaseModel\n{models}\n",
        f"{NAME}/rest_api/models/enums.py": f"from enum import Enum\n{enums}\n",
        **(more or {}),
    }


def metadata(version: str = "1.0.0") -> str:
    """Return the metadata of a wheel."""
    return f"Metadata-Version: 2.1\nName: binance-sdk-tiny\nVersion: {version}\n"


def folder(place: Path, files: dict[str, str], version: str = "1.0.0") -> Path:
    """Write a package as a folder."""
    for name, text in {**files, "PKG-INFO": metadata(version)}.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, "utf-8")
    return place


def wheel(place: Path, files: dict[str, str], version: str = "1.0.0") -> Path:
    """Write a package as a wheel that pip takes."""
    file = place / f"{NAME}-{version}-py3-none-any.whl"
    info = f"{NAME}-{version}.dist-info"
    about = {f"{info}/METADATA": metadata(version), f"{info}/WHEEL": "Wheel-Version: 1.0\nTag: py3-none-any\n"}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**files, **about, f"{info}/RECORD": ""}.items():
            archive.writestr(name, text)
    return file


def source_archive(place: Path, files: dict[str, str], version: str = "1.0.0") -> Path:
    """Write a package as a source archive."""
    file = place / f"{NAME}-{version}.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        for name, text in {**files, "PKG-INFO": metadata(version)}.items():
            raw = text.encode()
            one = tarfile.TarInfo(f"{NAME}-{version}/{name}")
            one.size = len(raw)
            archive.addfile(one, io.BytesIO(raw))
    return file


def store(folder: Path) -> Path:
    """Write a store of one contract of usdm, GET /fapi/v1/thing with `symbol` and `page`, and return it."""
    (folder / "usdm/rest").mkdir(parents=True)
    product = json.loads((CONTRACTS / "usdm/product.json").read_bytes())
    del product["unshown"]
    del product["envelopes"]["ws-api"]["refinements"], product["envelopes"]["ws-api"]["switches"]
    product["enums"], product["fields"] = {}, [{"where": ["usdm/* **.*"], "text": "words", "why": "a test"}]
    (folder / "usdm/product.json").write_text(json.dumps(product))
    (folder / "usdm/changes.json").write_text('{"without_contract": {}, "changes": []}')
    contract = {
        "id": "usdm/rest/GET.fapi.v1.thing",
        "title": "A Request",
        "product": "usdm",
        "surface": "rest",
        "docs_url": "https://developers.binance.com/docs/thing",
        "revised": "2026-08-01",
        "request": {
            "method": "GET",
            "path": "/fapi/v1/thing",
            "security": "NONE",
            "weight": {"ip": 1},
            "params": [{"name": "symbol", "type": "STRING", "required": True}, {"name": "page", "type": "INT"}],
        },
        "examples": [{"name": "default", "response": {"price": "1.5", "old": 1}, "source": "docs 2026-08-01"}],
        "no_case": "a test",
    }
    (folder / "usdm/rest/GET.fapi.v1.thing.json").write_text(json.dumps(contract))
    return folder
