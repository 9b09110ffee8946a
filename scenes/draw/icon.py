"""The picture of a model in Sweet Home 3D's furniture table: seen from the front, half from above."""

from __future__ import annotations

import io

import numpy as np
import PIL.Image
import PIL.ImageDraw

from scenes.draw.model import DrawnModel

SIZE = 64
_TILT_DEG, _TURN_DEG = 30.0, 25.0


def icon_of(model: DrawnModel) -> bytes:
    """A PNG of the model, painted face by face from the back to the front."""
    turn, tilt = np.radians(_TURN_DEG), np.radians(_TILT_DEG)
    around_y = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    around_x = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    view = around_x @ around_y
    polygons = []
    for mould in model.moulds:
        seen = mould.points @ view.T
        for face in mould.faces:
            ring = seen[list(face)]
            normal = np.cross(ring[1] - ring[0], ring[2] - ring[0])
            length = float(np.linalg.norm(normal))
            if length > 0 and normal[2] > 0:
                shade = 0.55 + 0.45 * abs(float(normal[2] / length))
                polygons.append((float(ring[:, 2].mean()), ring[:, :2], mould.finish.color, shade))
    image = PIL.Image.new("RGBA", (SIZE * 4, SIZE * 4), (255, 255, 255, 0))
    draw = PIL.ImageDraw.Draw(image)
    points = np.concatenate([ring for _, ring, _, _ in polygons]) if polygons else np.zeros((1, 2))
    centre = (points.min(0) + points.max(0)) / 2
    scale = SIZE * 3.6 / max(1e-6, float(np.ptp(points, axis=0).max()))
    for _, ring, color, shade in sorted(polygons, key=lambda polygon: polygon[0]):
        pixels = (ring - centre) * [scale, -scale] + SIZE * 2
        fill = tuple(round(255 * channel * shade) for channel in color)
        draw.polygon([(float(x), float(y)) for x, y in pixels], fill=(*fill, 255))
    buffer = io.BytesIO()
    image.resize((SIZE, SIZE), PIL.Image.Resampling.BOX).save(buffer, "PNG")
    return buffer.getvalue()
