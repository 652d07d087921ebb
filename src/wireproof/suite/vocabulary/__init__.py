"""The words that a contract file may use: placeholders, stream names, causes and rules."""
