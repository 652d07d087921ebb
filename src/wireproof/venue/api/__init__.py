"""What can be asked of the venue, each thing once, for REST and for the WebSocket API."""
