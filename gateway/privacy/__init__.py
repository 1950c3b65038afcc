"""Personal data: what it is by the standards, and how well it was made unrecognisable."""
