"""What is inside of a home: its spaces, from rooms or from walls, and which of them a point is in."""

from scenes.spaces.inside import Spaces, Verdicts, spaces_of
from scenes.spaces.space import Space

__all__ = ["Space", "Spaces", "Verdicts", "spaces_of"]
