"""Reads what was written in another alphabet so that nobody who looks should understand it."""
