"""What a run leaves, and what it says as a whole: the model that reports read, and its conclusion."""
