"""Judges: the only detectors with I/O. One kind a file; what they share is how they are asked, and how carefully."""
