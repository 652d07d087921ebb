"""What went wrong for clients, one file each, to be served again."""
