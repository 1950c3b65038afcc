"""Reads other people's files as rows: tables, other harnesses, and the layouts of public sets. One reader, one file."""
