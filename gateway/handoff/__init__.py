"""Tell the people's system of questions that were handed over, and take its answers."""
