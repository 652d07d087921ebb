"""Loads wireproof's plugin for everything below, so that `pytest tests/contract --target local` works."""

pytest_plugins = ["wireproof.plugin"]
