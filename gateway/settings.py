"""What the operator sets: addresses, models, where records go."""
