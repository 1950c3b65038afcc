"""What is evaluated every night: a list of suites, held against the last good night."""
