"""Bodies that move through a home."""
