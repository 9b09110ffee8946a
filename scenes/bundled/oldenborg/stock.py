"""The furniture of the building: each model is made once and placed many times, in colours that vary."""

from __future__ import annotations

import functools

import numpy as np

from scenes.draw import furniture, textures
from scenes.draw.finishes import DARK_METAL, DARK_WOOD, GREY, WHITE, colored
from scenes.draw.model import DrawnModel, Finish

WELL_WIDTH_CM, WELL_GOING_CM, LANDING_CM = 254.0, 26.0, 100.0
"""The staircase of a full well. It reaches a little into the walls, so that the edges of its hole lie in them."""

FABRICS = (0x5C738F, 0x8C4A3C, 0x54704E, 0xC29A4C, 0x6B5A7A, 0x3F6E73, 0xA8643C, 0x7B8794)
BLANKETS = (0x4F6C94, 0xA0463C, 0x5F8A5A, 0xD6A94A, 0x7D5C93, 0x3D7C85, 0xC77B4E, 0x8A97A6, 0xB8617E)
WOODS = (0xB8875A, 0x8A5C3A, 0xCFA877, 0x6B452C)


class Stock:
    """Models by what they are; those that are all different are made with the generator."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self._openings()
        self._rooms()
        self._baths_and_kitchens()
        self._varied()

    def _openings(self) -> None:
        veneer = textures.jpeg(textures.wood(self.rng, (0.50, 0.33, 0.21)))
        leaf = Finish("veneer", (0.50, 0.33, 0.21), shininess=20, specular=0.08, image=veneer)
        self.door = furniture.door(leaf=leaf)
        self.narrow_door = furniture.door(92, leaf=leaf)
        self.thin_door = furniture.door(92, wall=10, leaf=leaf)
        self.wall_door = furniture.door(wall=26, leaf=leaf)
        self.outer_door = furniture.door(100, 218, 26, leaf=DARK_METAL, frame=DARK_METAL, glazed=True)
        self.glazed_doors = furniture.double_door(190, 230, 26, leaf=DARK_METAL, frame=DARK_METAL, glazed=True)
        self.entrance_door = furniture.double_door(200, 230, 16, leaf=DARK_METAL, frame=DARK_METAL, glazed=True)
        self.window = furniture.window(120, 130, 26)
        self.wide_window = furniture.window(180, 140, 26, sashes=3)
        self.small_window = furniture.window(70, 60, 26, sashes=1)
        self.inner_window = furniture.window(120, 120, 16)
        self.foyer_opening = self.opening(186)
        self.wide_opening = self.opening(170)
        self.well_stairs = furniture.u_staircase(width=WELL_WIDTH_CM, going=WELL_GOING_CM, landing=LANDING_CM)

    def _rooms(self) -> None:
        self.bed = furniture.bed()
        self.bunk_bed = furniture.bunk_bed()
        self.desk = furniture.desk()
        self.plain_desk = furniture.desk(140, 65, drawers=0)
        self.chair = furniture.chair()
        self.office_chair = furniture.office_chair()
        self.wardrobe = furniture.wardrobe()
        self.dresser = furniture.dresser()
        self.bedside_table = furniture.bedside_table()
        self.sofa = furniture.sofa()
        self.armchair = furniture.armchair()
        self.bench = furniture.bench()
        self.coffee_table = furniture.table(100, 60, 42)
        self.table = furniture.table()
        self.round_table = furniture.round_table()
        self.rug = furniture.rug()
        self.large_rug = furniture.rug(260, 180)
        self.round_rug = furniture.round_rug(150)
        self.television = furniture.television()
        self.laptop = furniture.laptop()
        self.computer = furniture.computer()
        self.desk_lamp = furniture.desk_lamp()
        self.ceiling_lamp = furniture.ceiling_lamp()
        self.panel_lamp = furniture.panel_lamp()
        self.pendant_lamp = furniture.pendant_lamp(drop=70)
        self.floor_lamp = furniture.floor_lamp()
        self.wall_lamp = furniture.wall_lamp()
        self.bin = furniture.bin_()
        self.curtains = furniture.curtains(160, 150)
        self.radiator = furniture.radiator()
        self.filing_cabinet = furniture.filing_cabinet()
        self.lockers = furniture.lockers()
        self.rack = furniture.shelf_rack(load=colored(WHITE, (0.72, 0.58, 0.42)))
        self.box = furniture.cardboard_box()
        self.copier = furniture.copier()
        self.whiteboard = furniture.whiteboard()
        self.counter = furniture.counter()
        self.clock = furniture.wall_clock()
        self.extinguisher = furniture.fire_extinguisher()
        self.pillar = furniture.pillar()
        self.vending_machine = furniture.vending_machine()
        self.water = furniture.water_dispenser()
        self.stool = furniture.stool()

    def _baths_and_kitchens(self) -> None:
        self.toilet = furniture.toilet()
        self.basin = furniture.wash_basin()
        self.vanity = furniture.vanity()
        self.shower = furniture.shower()
        self.tub = furniture.bath_tub()
        self.towel_rail = furniture.towel_rail()
        self.kitchen_counter = furniture.kitchen_counter()
        self.sink = furniture.kitchen_counter(sink=True)
        self.cupboard = furniture.wall_cupboard()
        self.stove = furniture.stove()
        self.fridge = furniture.fridge()
        self.small_fridge = furniture.fridge(52, 54, 84, body=GREY)
        self.microwave = furniture.microwave()
        self.washing_machine = furniture.washing_machine()

    def _varied(self) -> None:
        rng = self.rng
        self.bookcases = [furniture.bookcase(rng), furniture.bookcase(rng, height=150, shelves=4)]
        self.wide_bookcase = furniture.bookcase(rng, 120, 32, 205, shelves=6)
        self.pictures = [
            furniture.picture_frame(textures.painting(rng), 62 + 6 * (k % 3), 46 + 4 * (k % 2)) for k in range(6)
        ]
        self.plants = [furniture.plant(rng, 120, leaves=13), furniture.plant(rng, 75, leaves=12)]
        self.notice_boards = [furniture.notice_board(rng), furniture.notice_board(rng, 180, 90)]

    @functools.cache  # noqa: B019
    def opening(self, width_cm: float) -> DrawnModel:
        """A cased opening of that width."""
        return furniture.cased_opening(round(width_cm, 1), 232, 16, frame=DARK_WOOD)

    def fabric(self) -> dict[str, int]:
        """Any colour for upholstery."""
        return {"fabric": int(self.rng.choice(FABRICS))}

    def blanket(self) -> int:
        """Any colour for a blanket, a rug or a curtain."""
        return int(self.rng.choice(BLANKETS))

    def wood(self) -> int:
        """Any colour of wood."""
        return int(self.rng.choice(WOODS))

    def picture(self) -> DrawnModel:
        """Any picture."""
        return self.pictures[int(self.rng.integers(len(self.pictures)))]

    def chance(self, share: float) -> bool:
        """True in that share of cases."""
        return bool(self.rng.random() < share)
