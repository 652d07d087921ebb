"""What USDⓈ-M and COIN-M share."""
