"""What the operator's documents say: read, cut into passages, kept, found again, and held against answers."""
