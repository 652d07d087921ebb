"""Official SDKs as documentation: read as source, never imported or run."""
