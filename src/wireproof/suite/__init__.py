"""Which cases, in what order, with what state on the target."""
