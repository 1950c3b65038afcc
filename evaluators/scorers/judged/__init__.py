"""Ragas' metrics by their definitions, asked with our own words in Chinese and English, and with its traps closed."""
