"""The surfaces of a scene, column by column, as a body that stands or walks meets them."""

from scenes.walkable.columns import Columns, build_columns
from scenes.walkable.grid import Grid

__all__ = ["Columns", "Grid", "build_columns"]
