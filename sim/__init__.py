"""Scene -> world: physics, cameras, renderers, and the command line."""
