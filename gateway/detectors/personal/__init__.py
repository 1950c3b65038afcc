"""Personal data of a known form: one file a family of kinds, found together in one pass."""
