"""How an observation differs from its contract."""
