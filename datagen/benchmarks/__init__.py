"""What `sim bench generate` measures."""
