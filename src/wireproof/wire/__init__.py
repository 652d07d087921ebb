"""How to talk to a target: endpoints, signing, sessions, rate limits, redaction."""
