"""What was learned: a table of how rare terms are, and the weights of signs."""
