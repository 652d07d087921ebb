"""The products that the venue serves."""
