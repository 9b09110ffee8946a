"""Renderers: each shows the same scene as the same `Frame`."""
