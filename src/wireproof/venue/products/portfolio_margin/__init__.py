"""Portfolio margin."""
