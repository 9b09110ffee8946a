"""World and policy -> dataset on disk."""
