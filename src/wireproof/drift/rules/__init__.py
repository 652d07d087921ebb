"""Differences that no shape shows: headers, repeated keys, switched-off parts, errors in place of answers."""
