"""YAML files that remember the line of every key."""
