"""Compiles shapes to msgspec types, so that decoding an answer judges it in the same pass."""
