"""What stands in all the rooms."""

from __future__ import annotations

from scenes.bundled.oldenborg.block import block_strip
from scenes.bundled.oldenborg.blockrooms import furnish_block
from scenes.bundled.oldenborg.corridors import furnish_corridors
from scenes.bundled.oldenborg.dorms import furnish_strip
from scenes.bundled.oldenborg.middlerooms import furnish_middle
from scenes.bundled.oldenborg.site import Side, Site
from scenes.bundled.oldenborg.wing import wing_strips


def furnish(site: Site, west: Side, east: Side) -> None:
    """Furnishes the building."""
    for side in (west, east):
        for strip in (block_strip(side), *wing_strips(side)):
            furnish_strip(strip, site.stock)
        furnish_block(side)
    furnish_middle(site, west, east)
    furnish_corridors(site, west, east)
