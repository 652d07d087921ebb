"""What was seen of each contract over the nights, and what that says of a difference."""
