"""The assessment as one page, in the order of the standard's documents."""
