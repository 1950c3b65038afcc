"""YAML files that remember the line of every key: read strictly, refused with file and line.

Policies, settings and suites are all read here.
"""

from gateway.document.fit import validate
from gateway.document.reader import MAX_BYTES, Document, Place, read_document, suggest

__all__ = ["MAX_BYTES", "Document", "Place", "read_document", "suggest", "validate"]
