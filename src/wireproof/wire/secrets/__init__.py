"""Keys, signatures, and how both are kept out of everything that is shown."""
