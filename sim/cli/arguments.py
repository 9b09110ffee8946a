"""Arguments that several commands take."""

from __future__ import annotations

from typing import Annotated

import typer

HomeArgument = Annotated[
    str, typer.Argument(help="A bundled scene's name, a .sh3d file, or an OBJ export (.obj, .zip).")
]
SceneOption = Annotated[
    str, typer.Option("--scene", help="A bundled scene's name, a .sh3d file, or an OBJ export (.obj, .zip).")
]
