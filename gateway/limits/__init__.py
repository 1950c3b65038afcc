"""Keys, what they may use, and what follows from asking for what is not allowed."""
