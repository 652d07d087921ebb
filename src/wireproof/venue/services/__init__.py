"""Services beside trading: convert, downloads and agreements."""
