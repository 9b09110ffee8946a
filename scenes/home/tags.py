"""Which element class stands for which tag of `Home.xml`."""

from __future__ import annotations

from scenes.home import basics, furniture, home, plan

CLASSES: dict[str, type[basics.Element]] = {
    "home": home.Home,
    "property": basics.Property,
    "furnitureVisibleProperty": home.FurnitureVisibleProperty,
    "environment": home.Environment,
    "backgroundImage": basics.BackgroundImage,
    "print": home.Print,
    "printedLevel": home.PrintedLevel,
    "compass": home.Compass,
    "camera": home.Camera,
    "observerCamera": home.ObserverCamera,
    "level": plan.Level,
    "pieceOfFurniture": furniture.Piece,
    "doorOrWindow": furniture.DoorOrWindow,
    "sash": furniture.Sash,
    "light": furniture.Light,
    "lightSource": furniture.LightSource,
    "lightSourceMaterial": furniture.LightSourceMaterial,
    "shelfUnit": furniture.ShelfUnit,
    "shelf": furniture.Shelf,
    "furnitureGroup": furniture.FurnitureGroup,
    "textStyle": basics.TextStyle,
    "texture": basics.Texture,
    "material": basics.Material,
    "transformation": basics.Transformation,
    "wall": plan.Wall,
    "baseboard": plan.Baseboard,
    "room": plan.Room,
    "point": basics.Point,
    "polyline": plan.Polyline,
    "dimensionLine": plan.DimensionLine,
    "label": plan.Label,
}

TAGS: dict[type[basics.Element], str] = {cls: tag for tag, cls in CLASSES.items()}
