"""What a project says of its runs: the table `[tool.wireproof]` of the nearest pyproject.toml."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wireproof.errors import ConfigurationError, did_you_mean

FILE = "pyproject.toml"
_TABLE = "tool.wireproof"

#: Values of keys that have a few only.
_CHOICES = {
    "target": ("local", "testnet", "live"),
    "fail-on": ("additive", "risky", "breaking"),
    "strictness": ("confirm", "at-once"),
}
_TEXTS = ("select", "marks", "overlay", "manifest")
KEYS = (*_CHOICES, "products", *_TEXTS)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a project; what it does not say is empty.

    Args:
        folder: Where its pyproject.toml is; None without one that has the table.
        target: What is asked: local, testnet or live.
        products: Which products are exercised; empty: all.
        select: Which cases, as `-k` takes it.
        marks: Which cases, as `-m` takes it.
        fail_on: The least severity that fails.
        at_once: Whether what would fail is reported at once, instead of exercised again first.
        overlay: The folder of waivers, baseline and accepted contracts.
        manifest: What the client reads, for `wireproof gate`.

    """

    folder: Path | None = None
    target: str = ""
    products: tuple[str, ...] = ()
    select: str = ""
    marks: str = ""
    fail_on: str = ""
    at_once: bool = False
    overlay: Path | None = None
    manifest: Path | None = None


def read_settings(start: Path | None = None) -> Settings:
    """Return the settings of the nearest pyproject.toml, from `start` (the working folder) upwards.

    Raises ConfigurationError, with file and key, for a file that is no TOML, a key that wireproof does not know, and a
    value that it cannot have.
    """
    start = Path.cwd() if start is None else start.resolve()
    file = next((one for folder in (start, *start.parents) if (one := folder / FILE).is_file()), None)
    if file is None:
        return Settings()
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}.") from None
    if b"wireproof" not in content:
        return Settings()
    table = _table(file, content)
    return _settings(file, table) if table is not None else Settings()


def _table(file: Path, content: bytes) -> dict[str, Any] | None:
    import tomllib  # noqa: PLC0415  # few projects have the table, and every command looks for it

    try:
        tools = tomllib.loads(content.decode("utf-8")).get("tool")
    except ValueError as error:  # of TOML and of UTF-8
        raise ConfigurationError(f"{file} cannot be read: {error}.") from None
    table = tools.get("wireproof") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigurationError(f"{file}: {_TABLE} is no table. Write it as [{_TABLE}], with its keys below.")
    return table


def _settings(file: Path, table: dict[str, Any]) -> Settings:
    for key, value in table.items():
        if key not in KEYS:
            raise ConfigurationError(f"{file}: [{_TABLE}] has no key {key!r}. {did_you_mean(key, KEYS)}")
        if key == "products":
            if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
                raise ConfigurationError(f'{file}: {key} of [{_TABLE}] is a list of names, such as ["usdm", "coinm"].')
        elif not isinstance(value, str):
            raise ConfigurationError(f"{file}: {key} of [{_TABLE}] is a text, not {value!r}.")
        elif value not in _CHOICES.get(key, (value,)):
            raise ConfigurationError(
                f"{file}: {key} of [{_TABLE}] cannot be {value!r}. {did_you_mean(value, _CHOICES[key])}"
            )
    return Settings(
        folder=file.parent,
        target=table.get("target", ""),
        products=tuple(table.get("products", ())),
        select=table.get("select", ""),
        marks=table.get("marks", ""),
        fail_on=table.get("fail-on", ""),
        at_once=table.get("strictness") == "at-once",
        overlay=file.parent / table["overlay"] if table.get("overlay") else None,
        manifest=file.parent / table["manifest"] if table.get("manifest") else None,
    )
