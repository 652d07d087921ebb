"""Proves the comparison: by mutation, and by a second opinion that shares no code with it."""
