"""What the suite must know of each product."""
