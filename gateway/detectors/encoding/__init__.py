"""Reads what was written so that nobody who looks should understand it: in another alphabet, order or place."""
