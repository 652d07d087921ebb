"""Market streams: subscribed, watched and judged."""
