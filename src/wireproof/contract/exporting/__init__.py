"""Contracts of a product as one document in the language of other tools: OpenAPI and AsyncAPI."""
