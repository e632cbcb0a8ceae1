"""Teacher training and certificates."""
