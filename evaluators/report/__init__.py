"""The report of a run: one self-contained page for people, one JSON file for programs."""
