"""The local stand-in for the exchange: a real server that knows nothing of the rest of wireproof."""
