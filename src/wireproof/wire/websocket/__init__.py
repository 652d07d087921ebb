"""WebSocket connections: handshakes, sessions, frames, market streams and private streams."""
