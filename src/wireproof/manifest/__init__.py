"""What a client reads of the exchange's answers, and whether what a run found touches it."""
