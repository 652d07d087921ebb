"""Contract tests for Binance's derivatives APIs."""

from typing import Any


def __getattr__(name: str) -> Any:
    """Return `__version__`, looked up when it is first asked for: reading the package's metadata takes 50 ms."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        return version("wireproof")
    except PackageNotFoundError:  # run from an unpacked source tree
        return "0+unknown"
