"""Extracts from the blocks of a page what it says of requests, streams and events."""
