"""From observations to verdicts and results."""
