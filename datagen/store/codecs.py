"""`python -m datagen.store.codecs`: the codecs of docs/data.md, by CPU time and size, on frames of oldenborg.

Codecs of libraries that Stairwell does not need (isal, cv2) are measured where they are installed.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import numpy.typing as npt
import PIL.Image

from datagen.store import png
from datagen.store.episode import Storage, write_episode
from datagen.store.schema import Episode, EpisodeFacts, Row
from sim.frame import Frame
from sim.output import depth_to_millimetres

SIZE_PX = 224
FRAMES = 120
ROUNDS = 3

Image = npt.NDArray[Any]
Encode = Callable[[Image], bytes]


def frames_of_oldenborg() -> list[Frame]:
    """A tour at 224 x 224."""
    from scenes.library import load_scene
    from sim.camera import Intrinsics
    from sim.renderers.choose import open_renderer
    from sim.shots import tour_shots

    scene = load_scene("oldenborg")
    with open_renderer("auto", scene) as renderer:
        shots = tour_shots(scene, FRAMES, Intrinsics.from_fov(SIZE_PX, SIZE_PX, 75))
        return [renderer.render(shot.view.intrinsics, shot.view.T_world_camera) for shot in shots]


def codecs() -> dict[str, Encode]:
    """The codecs that can be measured here."""
    found: dict[str, Encode] = {
        "PNG, Pillow, level 1": lambda image: _pillow(image, "PNG", compress_level=1),
        "PNG, Pillow, level 3": lambda image: _pillow(image, "PNG", compress_level=3),
        "PNG, own, zlib 1": lambda image: _own(image, lambda data, _: zlib.compress(data, 1)),
        "PNG, own, libdeflate 1 (the store's)": png.encode,
        "WebP lossless, Pillow, method 0": lambda image: _pillow(image, "WEBP", lossless=True, method=0, quality=0),
        "JPEG 95, Pillow": lambda image: _pillow(image, "JPEG", quality=95, subsampling=0),
    }
    with contextlib.suppress(ImportError):
        isal = importlib.import_module("isal.isal_zlib")
        found["PNG, own, ISA-L 1"] = lambda image: _own(image, isal.compress)
    with contextlib.suppress(ImportError):
        cv2 = importlib.import_module("cv2")
        found["PNG, OpenCV, level 1"] = lambda image: cv2.imencode(".png", image, (cv2.IMWRITE_PNG_COMPRESSION, 1))[
            1
        ].tobytes()
    return found


def measure(encode: Encode, images: Sequence[Image]) -> tuple[float, float]:
    """CPU time, ms, and size, kB, per image: the fastest of some rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        encoded = [encode(image) for image in images]
        times.append((time.process_time() - start) / len(images) * 1e3)
    return min(times), float(np.mean([len(data) for data in encoded])) / 1e3


def measure_writer(frames: Sequence[Frame], storage: Storage) -> tuple[float, float]:
    """CPU time, ms, and size, kB, per frame of a whole episode: rows, verification and reading back included."""
    times = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "000000.zip"
        for _ in range(ROUNDS):
            start = time.process_time()
            write_episode(path, 0, _episode(frames), storage)
            times.append((time.process_time() - start) / len(frames) * 1e3)
        return min(times), path.stat().st_size / len(frames) / 1e3


def main() -> None:
    """Prints the tables."""
    frames = frames_of_oldenborg()
    channels: Mapping[str, list[Image]] = {
        "rgb": [frame.rgb for frame in frames],
        "depth": [depth_to_millimetres(frame.depth) for frame in frames],
        "ids": [frame.segmentation.astype(np.uint16) for frame in frames],
    }
    for name, encode in codecs().items():
        print(f"| {name} | {' | '.join(_cells(name, encode, channels))} |")  # noqa: T201
    for storage in (Storage(), Storage(segmentation=False), Storage(rgb="webp"), Storage(rgb="jpeg")):
        cpu_ms, size_kb = measure_writer(frames, storage)
        print(f"| {storage.rgb}{'' if storage.segmentation else ', no ids'} | {cpu_ms:.2f} | {size_kb:.1f} |")  # noqa: T201


def _cells(name: str, encode: Encode, channels: Mapping[str, list[Image]]) -> Iterator[str]:
    for channel, images in channels.items():
        if channel == "rgb" or "PNG" in name:
            cpu_ms, size_kb = measure(encode, images)
            yield f"{cpu_ms:.2f} ms, {size_kb:.1f} kB"
        else:
            yield ""


def _own(image: Image, compress: Callable[[Any, int], bytes]) -> bytes:
    with mock.patch("datagen.store.png.deflate.zlib_compress", compress):
        return png.encode(image)


def _pillow(image: Image, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.fromarray(image).save(buffer, form, **options)
    return buffer.getvalue()


def _episode(frames: Sequence[Frame]) -> Episode:
    for step, frame in enumerate(frames):
        yield frame, Row(step / 10, "oldenborg", "", "", action=(0.3, 0.0), command="forward")
    return EpisodeFacts("oldenborg", "")


if __name__ == "__main__":
    main()
