"""Finishes that drawn furniture wears unless it is given others; `repaint` of a piece goes by their names."""

from __future__ import annotations

from dataclasses import replace

from scenes.draw.model import RGB, Finish

WOOD = Finish("wood", (0.72, 0.53, 0.34), shininess=20, specular=0.08)
DARK_WOOD = Finish("dark-wood", (0.38, 0.25, 0.16), shininess=20, specular=0.08)
WHITE = Finish("white", (0.93, 0.93, 0.91), shininess=20, specular=0.05)
GREY = Finish("grey", (0.55, 0.56, 0.58))
BLACK = Finish("black", (0.10, 0.10, 0.11), shininess=40, specular=0.2)
METAL = Finish("metal", (0.72, 0.73, 0.75), shininess=80, specular=0.5)
DARK_METAL = Finish("dark-metal", (0.25, 0.26, 0.28), shininess=60, specular=0.3)
FABRIC = Finish("fabric", (0.36, 0.45, 0.58))
CUSHION = Finish("cushion", (0.82, 0.64, 0.32))
LINEN = Finish("linen", (0.92, 0.91, 0.87))
CERAMIC = Finish("ceramic", (0.96, 0.96, 0.95), shininess=90, specular=0.4)
STONE = Finish("stone", (0.55, 0.53, 0.50))
GLASS = Finish("glass", (0.78, 0.88, 0.90), alpha=0.35, shininess=100, specular=0.6)
MIRROR = Finish("mirror", (0.82, 0.87, 0.89), shininess=120, specular=0.9)
SCREEN = Finish("screen", (0.06, 0.08, 0.12), shininess=100, specular=0.5)
PAPER = Finish("paper", (0.95, 0.94, 0.88))
LEAF = Finish("leaf", (0.22, 0.46, 0.20))
SOIL = Finish("soil", (0.24, 0.17, 0.12))
TERRACOTTA = Finish("terracotta", (0.71, 0.39, 0.26))
RED = Finish("red", (0.76, 0.12, 0.11), shininess=40, specular=0.2)
SHADE = Finish("shade", (0.96, 0.90, 0.76))
BULB = Finish("bulb", (1.0, 0.97, 0.86))


def colored(finish: Finish, color: RGB) -> Finish:
    """The finish in another colour."""
    return replace(finish, color=color)
