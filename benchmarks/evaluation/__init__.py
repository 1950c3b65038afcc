"""Runs the suites that ship against the demonstration model, directly and through the gateway, side by side."""
