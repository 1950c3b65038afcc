"""Black-box cases for any gateway before a model: what its clients must see, and what the model must not.

``sluice conformance URL`` asks a gateway that forwards to the scripted upstream of this package, and says which
of the cases it passes. Nothing here looks inside a gateway; the same file scores ours and others.
"""
