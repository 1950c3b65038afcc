"""What says that an answer was made by AI: visible words and metadata."""
