"""One file a format: bytes in, sections out. What cannot be read is a ``KnowledgeError`` that says what to do."""
