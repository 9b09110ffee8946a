"""Collada models (1.4 and 1.5): what Sweet Home 3D shows of them, read within limits.

The general library for the format cannot be bounded: it expands counts and instances that a file of 1 KB may state.
"""

from scenes.models.collada.reader import parse_collada

__all__ = ["parse_collada"]
