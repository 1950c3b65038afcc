"""Standard answers: approved words for what must be answered, found by pattern, keyword and meaning."""
