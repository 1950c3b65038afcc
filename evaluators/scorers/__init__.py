"""The scorers: each turns a row and an answer into a score, or says why there is none."""
