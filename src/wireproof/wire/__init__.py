"""How to talk to a target: endpoints, signing, WebSocket session, HTTP session, rate limits, redaction."""
