"""Where sealed bytes lie until their time is up: in memory, in the database, in Redis."""
