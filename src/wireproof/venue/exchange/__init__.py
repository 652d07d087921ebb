"""The exchange itself: markets, accounts, orders, and what happens to them."""
