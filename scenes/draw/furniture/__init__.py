"""Furniture modelled from parameters: functions that take sizes in cm and finishes, and give a `DrawnModel`.

Models stand on y = 0 and look to their front, +z, which is +y of the plan at angle 0. What hangs on a wall has the wall
behind it, and is lifted by its piece's elevation.
"""

from scenes.draw.furniture.bath import bath_tub, shower, toilet, towel_rail, vanity, wash_basin
from scenes.draw.furniture.beds import bed, bedside_table, bunk_bed
from scenes.draw.furniture.decor import (
    bin_,
    cardboard_box,
    curtains,
    fire_extinguisher,
    notice_board,
    picture_frame,
    pillar,
    plant,
    radiator,
    round_rug,
    rug,
    wall_clock,
    whiteboard,
)
from scenes.draw.furniture.devices import computer, copier, laptop, television, water_dispenser
from scenes.draw.furniture.kitchen import (
    fridge,
    kitchen_counter,
    microwave,
    stove,
    vending_machine,
    wall_cupboard,
    washing_machine,
)
from scenes.draw.furniture.lamps import ceiling_lamp, desk_lamp, floor_lamp, panel_lamp, pendant_lamp, wall_lamp
from scenes.draw.furniture.openings import cased_opening, door, double_door, window
from scenes.draw.furniture.seats import armchair, bench, chair, office_chair, sofa, stool
from scenes.draw.furniture.stairs import block, flight, handrail, railing, u_staircase, wedge
from scenes.draw.furniture.storage import bookcase, dresser, filing_cabinet, lockers, shelf_rack, wardrobe
from scenes.draw.furniture.tables import counter, desk, round_table, table

__all__ = [
    "armchair", "bath_tub", "bed", "bedside_table", "bench", "bin_", "block", "bookcase", "bunk_bed", "cardboard_box",
    "cased_opening", "ceiling_lamp", "chair", "computer", "copier", "counter", "curtains", "desk", "desk_lamp",
    "door", "double_door", "dresser", "filing_cabinet", "fire_extinguisher", "flight", "floor_lamp", "fridge",
    "handrail", "kitchen_counter", "laptop", "lockers", "microwave", "notice_board", "office_chair", "panel_lamp",
    "pendant_lamp", "picture_frame", "pillar", "plant", "radiator", "railing", "round_rug", "round_table", "rug",
    "shelf_rack", "shower", "sofa", "stool", "stove", "table", "television", "toilet", "towel_rail", "u_staircase",
    "vanity", "vending_machine", "wall_clock", "wall_cupboard", "wall_lamp", "wardrobe", "wash_basin",
    "washing_machine", "water_dispenser", "wedge", "whiteboard", "window",
]  # fmt: skip
