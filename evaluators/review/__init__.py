"""People in the loop: what they are given to judge is blinded, what they say is kept, and what comes of it is said."""
