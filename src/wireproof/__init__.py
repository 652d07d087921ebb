"""Contract tests for Binance's derivatives APIs."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("wireproof")
except PackageNotFoundError:  # run from an unpacked source tree
    __version__ = "0+unknown"
