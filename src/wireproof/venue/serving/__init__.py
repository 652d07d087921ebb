"""The servers: REST, the WebSocket API, and control routes for tests."""
