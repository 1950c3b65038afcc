"""Runs kept in SQL: manifest, summary and scores per cell, never a word of text."""
