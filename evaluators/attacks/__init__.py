"""Ways to ask the same thing otherwise: deterministic, seeded, composable; each can be read back or undone."""
