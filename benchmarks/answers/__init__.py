"""Answer banks written for this project, to measure matching by."""
