"""HTTP in front of the path."""
