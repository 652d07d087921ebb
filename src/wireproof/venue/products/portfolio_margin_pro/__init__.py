"""Portfolio margin pro."""
