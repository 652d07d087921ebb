"""Runs the cases: over connections, accounts and products, and writes what came of it."""
