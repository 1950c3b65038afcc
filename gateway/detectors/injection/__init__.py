"""Finds attempts to turn a model against whom it serves: instructions in disguise, jailbreaks, leaks."""
