"""Which cases there are, which of them a target can be sent, and what that costs."""
