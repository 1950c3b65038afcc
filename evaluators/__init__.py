"""The other half of Sluice: scores models, RAG applications and the gateway itself."""
