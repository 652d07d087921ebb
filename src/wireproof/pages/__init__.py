"""Documentation page to contract."""
