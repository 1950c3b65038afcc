"""Wire formats: one file a dialect. They find texts and write them back; they judge nothing."""
