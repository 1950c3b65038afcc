"""What the shipped models are trained on, and how: rebuilt from texts and public data with one command."""
