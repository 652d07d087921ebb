"""Market streams and private streams, server side."""
