"""User-data events: triggered, matched with their causes and judged."""
