"""What is documented: the model of contract files, and the store that reads them."""
