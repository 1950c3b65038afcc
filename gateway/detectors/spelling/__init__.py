"""Reads Chinese and English that is spelled so that filters cannot read it."""
