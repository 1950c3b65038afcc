"""What sees risks in text: one detector, one file, one test table."""
