"""Drawing homes in code: `Drawing` makes a `.sh3d` that Sweet Home 3D opens.

    home = Drawing("hut")
    ground = home.level("Ground floor", elevation=0, height=250)
    ground.walls([(0, 0), (400, 0), (400, 300), (0, 300)], closed=True)
    ground.room("Room", [(0, 0), (400, 0), (400, 300), (0, 300)])
    ground.place(furniture.sofa(), 200, 60)
    home.save(Path("hut.sh3d"))

Lengths are cm and angles radians, as in the program: x right, y down the plan, angles clockwise. More: docs/drawing.md.
"""

from scenes.draw import furniture, textures
from scenes.draw.drawing import Drawing, LevelDrawing, Paint
from scenes.draw.frame import Frame, FramedLevel, FramedRoom
from scenes.draw.model import DrawnModel, Finish, Mould

__all__ = [
    "Drawing",
    "DrawnModel",
    "Finish",
    "Frame",
    "FramedLevel",
    "FramedRoom",
    "LevelDrawing",
    "Mould",
    "Paint",
    "furniture",
    "textures",
]
