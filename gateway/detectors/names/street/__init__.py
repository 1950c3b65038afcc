"""Street addresses as English texts write them, in the manner of many countries."""

from gateway.detectors.names.street.detector import street_addresses

__all__ = ["street_addresses"]
