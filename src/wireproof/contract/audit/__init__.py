"""What the store is worth: coverage, what its examples can prove, and what of it decides nothing."""
