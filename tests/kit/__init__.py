"""Things that tests share: scripted upstreams, texts, cuts."""
