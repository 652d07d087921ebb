"""Recorded nights served again: what a run observed answers requests, streams and private streams in its place."""
