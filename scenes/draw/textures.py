"""Images made by code that repeat without a seam: (N, N, 3) uint8, made from a generator that is passed in.

Each stands for a square of a wall or floor whose side its docstring names; `jpeg` writes it.
"""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
import PIL.Image

from scenes.draw.model import RGB

BOOK_COLORS: tuple[RGB, ...] = (
    (0.55, 0.16, 0.14), (0.15, 0.30, 0.45), (0.20, 0.38, 0.25), (0.80, 0.68, 0.40), (0.30, 0.22, 0.35),
    (0.85, 0.83, 0.78), (0.70, 0.40, 0.22),
)  # fmt: skip

Image = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]


def jpeg(image: Image, quality: int = 88) -> bytes:
    """An image as a JPEG."""
    buffer = io.BytesIO()
    PIL.Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def noise(rng: np.random.Generator, size: int, grain: tuple[float, float]) -> Floats:
    """Smooth noise (size, size) without a seam, mean 0, deviation 1; `grain`: spot size down and across, pixels."""
    spectrum = np.fft.fft2(rng.standard_normal((size, size)))
    down, across = np.meshgrid(np.fft.fftfreq(size), np.fft.fftfreq(size), indexing="ij")
    spectrum *= np.exp(-2 * (down * grain[0]) ** 2 - 2 * (across * grain[1]) ** 2)
    spectrum[0, 0] = 0
    found: Floats = np.real(np.fft.ifft2(spectrum))
    return found / max(1e-12, float(found.std()))


def plaster(rng: np.random.Generator, color: RGB = (0.93, 0.91, 0.86), size: int = 256) -> Image:
    """Painted plaster; 150 cm."""
    light = (
        0.012 * noise(rng, size, (1.5, 1.5)) + 0.010 * noise(rng, size, (14, 14)) + 0.006 * noise(rng, size, (60, 60))
    )
    return _shaded(color, 1 + light)


def planks(rng: np.random.Generator, color: RGB = (0.66, 0.47, 0.30), rows: int = 8, size: int = 512) -> Image:
    """Wooden boards that run across the image, each with its own tone and grain; 120 cm."""
    row = size // rows
    light = np.ones((size, size))
    grain = 0.05 * noise(rng, size, (1.2, 40)) + 0.05 * noise(rng, size, (4, 120))
    for k in range(rows):
        shift, split = int(rng.integers(size)), int(rng.uniform(0.4, 0.6) * size)
        band = slice(k * row, (k + 1) * row)
        tone = np.where(np.arange(size) < split, rng.normal(0, 0.07), rng.normal(0, 0.07))
        board = np.tile(1 + tone, (row, 1)) + np.roll(grain[band], int(rng.integers(size)), axis=1)
        board[:, :2] *= 0.6
        board[:, split : split + 2] *= 0.6
        board[:2] *= 0.62
        light[band] = np.roll(board, shift, axis=1)
    return _shaded(color, light)


def wood(rng: np.random.Generator, color: RGB = (0.60, 0.42, 0.27), size: int = 256) -> Image:
    """The veneer of a door, grain upright; 100 cm."""
    bands = np.sin(2 * np.pi * 6 * (np.arange(size) / size)[None, :] + 1.3 * noise(rng, size, (90, 22)))
    light = 1 + 0.05 * bands + 0.045 * noise(rng, size, (40, 1.0)) + 0.02 * noise(rng, size, (8, 1))
    return _shaded(color, light)


def carpet(
    rng: np.random.Generator, color: RGB = (0.40, 0.42, 0.50), fleck: RGB = (0.70, 0.66, 0.55), size: int = 256
) -> Image:
    """Cut pile with flecks of a second colour; 100 cm."""
    light = (
        1 + 0.13 * noise(rng, size, (0.7, 0.7)) + 0.05 * noise(rng, size, (5, 5)) + 0.03 * noise(rng, size, (40, 40))
    )
    ground, second = _shaded(color, light), _shaded(fleck, light)
    return np.where((noise(rng, size, (1.1, 1.1)) > 2.05)[..., None], second, ground)


def tiles(
    rng: np.random.Generator,
    color: RGB = (0.90, 0.91, 0.90),
    grout: RGB = (0.66, 0.66, 0.64),
    count: int = 6,
    size: int = 384,
) -> Image:
    """Ceramic tiles, `count` in a row, lighter at their upper left edges; 120 cm of floor or 90 cm of wall."""
    side = size // count
    tone = np.repeat(np.repeat(rng.normal(1, 0.018, (count, count)), side, 0), side, 1)
    light = tone + 0.012 * noise(rng, size, (6, 6))
    down, across = np.meshgrid(np.arange(size) % side, np.arange(size) % side, indexing="ij")
    light = np.where((down == 2) | (across == 2), light * 1.05, light)
    light = np.where((down == side - 1) | (across == side - 1), light * 0.93, light)
    joint = (down < 2) | (across < 2)
    return np.where(joint[..., None], _shaded(grout, 1 + 0.03 * noise(rng, size, (1, 1))), _shaded(color, light))


def checks(
    rng: np.random.Generator,
    first: RGB = (0.78, 0.75, 0.66),
    second: RGB = (0.42, 0.47, 0.45),
    count: int = 4,
    size: int = 256,
) -> Image:
    """Linoleum in squares of two colours, marbled; 120 cm."""
    side = size // count
    down, across = np.meshgrid(np.arange(size) // side, np.arange(size) // side, indexing="ij")
    marble = 1 + 0.04 * noise(rng, size, (3, 9)) + 0.03 * noise(rng, size, (1, 1))
    return np.where(((down + across) % 2 == 0)[..., None], _shaded(first, marble), _shaded(second, marble))


def linoleum(rng: np.random.Generator, color: RGB = (0.63, 0.60, 0.52), size: int = 256) -> Image:
    """Marbled linoleum; 150 cm."""
    veins = np.abs(noise(rng, size, (10, 26)))
    light = (
        1
        + 0.05 * noise(rng, size, (3, 7))
        - 0.06 * np.exp(-((veins / 0.12) ** 2))
        + 0.02 * noise(rng, size, (0.8, 0.8))
    )
    return _shaded(color, light)


def brick(
    rng: np.random.Generator,
    color: RGB = (0.62, 0.36, 0.28),
    mortar: RGB = (0.74, 0.71, 0.65),
    rows: int = 12,
    size: int = 384,
) -> Image:
    """Bricks in running bond; 90 cm: 12 rows of 7.5 cm, 4 bricks long."""
    row, long = size // rows, size // 4
    down, across = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    number = down // row
    along = (across + (number % 2) * (long // 2)) % size
    tone = rng.normal(1, 0.09, (rows, 4))[number, along // long]
    light = tone + 0.06 * noise(rng, size, (1, 1)) + 0.05 * noise(rng, size, (5, 5))
    joint = (down % row < 3) | (along % long < 3)
    return np.where(joint[..., None], _shaded(mortar, 1 + 0.05 * noise(rng, size, (1, 1))), _shaded(color, light))


def concrete(rng: np.random.Generator, color: RGB = (0.60, 0.59, 0.57), size: int = 256) -> Image:
    """Smooth concrete; 200 cm."""
    pores = noise(rng, size, (1.0, 1.0)) > 2.9
    light = 1 + 0.03 * noise(rng, size, (1, 1)) + 0.03 * noise(rng, size, (12, 12)) + 0.03 * noise(rng, size, (50, 50))
    return _shaded(color, np.where(pores, 0.8 * light, light))


def paving(rng: np.random.Generator, color: RGB = (0.66, 0.63, 0.58), size: int = 256) -> Image:
    """Slabs, two by two, joints between; 120 cm."""
    return tiles(rng, color, (0.42, 0.41, 0.36), count=2, size=size)


def grass(rng: np.random.Generator, color: RGB = (0.33, 0.45, 0.20), size: int = 512) -> Image:
    """A lawn; 400 cm."""
    blades = noise(rng, size, (2.2, 0.9)) + noise(rng, size, (0.9, 2.0))
    light = 1 + 0.11 * blades + 0.06 * noise(rng, size, (10, 10)) + 0.06 * noise(rng, size, (50, 50))
    yellow = 1 + 0.06 * noise(rng, size, (24, 24))
    return _levels(
        np.asarray(color) * light[..., None] * np.stack([yellow, np.ones_like(yellow), np.ones_like(yellow)], -1)
    )


def stripes(
    rng: np.random.Generator,
    first: RGB = (0.86, 0.83, 0.74),
    second: RGB = (0.79, 0.74, 0.62),
    count: int = 6,
    size: int = 256,
) -> Image:
    """Wallpaper with upright stripes, a thin line at each edge; 90 cm."""
    period = size / count
    phase = (np.arange(size) % period) / period
    wide = np.where((phase < 0.5)[None, :, None], np.asarray(first), np.asarray(second))
    line = (np.minimum(phase, np.abs(phase - 0.5)) < 0.03)[None, :, None]
    paper = np.where(line, np.asarray(second) * 0.82, wide)
    return _levels(np.broadcast_to(paper, (size, size, 3)) * (1 + 0.012 * noise(rng, size, (1, 1)))[..., None])


def books(rng: np.random.Generator, width: int = 192, height: int = 128) -> Image:
    """The backs of a row of books, (height, width, 3), each with its own colour and a label; 60 x 40 cm."""
    picture = np.zeros((height, width, 3))
    at = 0
    while at < width:
        thick = int(rng.integers(5, 15))
        color = np.array(BOOK_COLORS[int(rng.integers(len(BOOK_COLORS)))]) * rng.uniform(0.75, 1.15)
        picture[:, at : at + thick] = color
        label, tall = int(rng.integers(8, 70)), int(rng.integers(6, 30))
        picture[label : label + tall, at + 1 : at + thick - 1] = color * 0.5 + 0.45 * rng.integers(2)
        picture[:, at] = color * 0.45
        at += thick
    return _levels(picture)


def painting(rng: np.random.Generator, width: int = 128, height: int = 96) -> Image:
    """An abstract landscape to frame, (height, width, 3): a sky, hills one behind the other, and a sun."""
    down, across = np.meshgrid(np.linspace(0, 1, height), np.linspace(0, 1, width), indexing="ij")
    sky = np.array([rng.uniform(0.55, 0.95), rng.uniform(0.6, 0.85), rng.uniform(0.65, 0.95)])
    picture = sky * (1.05 - 0.35 * (1 - down))[..., None]
    sun = np.hypot(across - rng.uniform(0.2, 0.8), (down - rng.uniform(0.15, 0.35)) * height / width) < rng.uniform(
        0.06, 0.11
    )
    picture = np.where(sun[..., None], [0.98, 0.82, 0.42], picture)
    for k in range(4):
        ridge = (
            0.38
            + 0.15 * k
            + 0.06 * np.sin(across * rng.uniform(3, 9) + rng.uniform(0, 6))
            + 0.03 * np.sin(across * 17 + k)
        )
        hill = rng.uniform(0.18, 0.72, 3) * (1 - 0.08 * k)
        picture = np.where((down > ridge)[..., None], hill, picture)
    return _levels(picture * (1 + rng.normal(0, 0.02, (height, width)))[..., None])


def _shaded(color: RGB, light: Floats) -> Image:
    return _levels(np.asarray(color) * light[..., None])


def _levels(picture: Floats) -> Image:
    return np.round(255 * np.clip(picture, 0, 1)).astype(np.uint8)
