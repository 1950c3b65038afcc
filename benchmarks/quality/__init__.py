"""How good the detectors are on data that they have not seen, on one page."""
