"""Policies: read, checked and compiled to plans; findings in, verdicts out."""
