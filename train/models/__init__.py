"""World models: what they are made of, and what they are trained for."""
