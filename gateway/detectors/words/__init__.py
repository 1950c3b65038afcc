"""Words that detectors look for, by what they do in a sentence."""
