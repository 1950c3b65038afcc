"""Counters, spans and their names."""
