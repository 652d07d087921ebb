"""What markets show: candles, trades, statistics and indexes."""
