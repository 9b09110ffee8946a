"""What `sim bench train` measures."""
