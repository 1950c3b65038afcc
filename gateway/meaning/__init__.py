"""What texts mean, without a model to download: pieces of words, a table of vectors, and counted n-grams."""
