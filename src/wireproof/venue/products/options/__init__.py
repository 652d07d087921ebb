"""European options: contracts, their prices, and everything that can be asked about them."""
