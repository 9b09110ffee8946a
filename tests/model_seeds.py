"""Models and images to damage, of every format that a home may hold, and ways to damage each."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import numpy as np
import PIL.Image

from tests.collada_files import INSTANCE, SAMPLER, TEXTURE, TEXTURED, TRIANGLES, VERTEX, collada
from tests.mutate import NUMBERS, Mutation, cut_off, flip_bytes, splice

Files = dict[str, bytes]

OBJ = b"""mtllib m.mtl
v 0 0 0
v 1 0 0
v 1 1 0
v 0 1 0
v 0.5 1.5 0.25
vt 0 0
vt 1 0
vt 1 1
vn 0 0 1
g seat
usemtl a
s 1
f 1/1/1 2/2/1 3/3/1 4/1/1
f 1 2 3 5 4
g sweethome3d_hinge_1
usemtl b c
s off
f 1//1 2//1 -1//1
"""
LINES = b"l 1 2 3\n"
MTL = b"""newmtl a
Ka 0.2 0.2 0.2
Kd 0.8 0.4 0.2
Ks 0.5 0.5 0.5
Ns 30
d 0.5
illum 2
map_Kd -s 1 1 1 tex.png
newmtl b c
Kd 1 0 0
"""
MAX3DS = (
    b"MM\x2a\x00\x00\x00\x02\x00\x0a\x00\x00\x00\x03\x00\x00\x00\x3d\x3d\x10\x00\x00\x00\x00\x40\x0a\x00\x00\x00box\x00"
)


def image(form: str, mode: str = "RGB") -> bytes:
    """A small image that is no two alike in its pixels."""
    pixels = np.random.default_rng(1).integers(0, 256, (24, 32, 4), np.uint8)
    picture = PIL.Image.fromarray(pixels, "RGBA" if mode == "RGBA" else None).convert(mode)
    buffer = io.BytesIO()
    picture.save(buffer, form)
    return buffer.getvalue()


def sixteen_bits() -> bytes:
    buffer = io.BytesIO()
    PIL.Image.fromarray(np.arange(0, 65536, 64, np.uint16).reshape(32, 32)).save(buffer, "PNG")
    return buffer.getvalue()


_PNG = image("PNG")
_LIBRARY = f"<library_nodes><node id='ln'><rotate>0 0 1 30</rotate>{INSTANCE}</node></library_nodes>"
_PRIMITIVES = TEXTURED + f"<polylist count='2' material='x'>{VERTEX}<vcount>3 4</vcount><p>0 1 2 0 1 2 3</p></polylist>"
DOCUMENTS = (
    collada(_PRIMITIVES, shader=f"<phong>{TEXTURE}</phong>", params=SAMPLER),
    collada(
        TRIANGLES + f"<trifans>{VERTEX}<p>0 1 2 3</p></trifans><lines>{VERTEX}<p>0 1</p></lines>",
        nodes="<node><translate>1 0 0</translate><instance_node url='#ln'/><instance_node url='#ln'/></node>",
        libraries=_LIBRARY,
        axis="Z_UP",
    ),
)
IMAGES = tuple(
    [image(form) for form in ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "TGA", "PPM", "DDS", "PCX", "ICO", "SGI")]
    + [image("PNG", mode) for mode in ("P", "LA", "RGBA", "1")]
    + [image("TIFF", "CMYK"), image("JPEG", "CMYK"), sixteen_bits()]
)

SEEDS: dict[str, list[tuple[Files, str]]] = {
    "obj": [({"1/m.obj": OBJ + LINES, "1/m.mtl": MTL, "1/tex.png": _PNG}, "1/m.obj")],
    "mtl": [({"1/m.obj": OBJ, "1/m.mtl": MTL, "1/tex.png": _PNG}, "1/m.mtl")],
    "dae": [({"1/m.obj": document, "1/tex.png": _PNG}, "1/m.obj") for document in DOCUMENTS],
    "3ds": [({"1/m.obj": MAX3DS}, "1/m.obj")],
    "image": [({"1/m.obj": OBJ, "1/m.mtl": MTL, "1/tex.png": data}, "1/tex.png") for data in IMAGES],
}
"""By kind: the files of a home's one damaged model, `1/m.obj`, and which of them is damaged."""


def other_words(rng: np.random.Generator, data: bytes) -> bytes:
    """Words replaced by senseless ones, or by others of the file."""
    words = data.split(b" ")
    for at in rng.integers(0, len(words), rng.integers(1, 8)):
        senseless = (*(n.encode() for n in NUMBERS), b"-1/-1/-1", b"1//", b"f", b"\\\n", b"\xff", b"\r", b"\x85")
        words[at] = words[rng.integers(len(words))] if rng.random() < 0.4 else senseless[rng.integers(len(senseless))]
    return b" ".join(words)


def other_lines(rng: np.random.Generator, data: bytes) -> bytes:
    """Lines left out, put elsewhere, or written thousands of times."""
    lines = data.split(b"\n")
    at, to = rng.integers(0, len(lines), 2)
    kind = rng.integers(3)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(to, lines.pop(at))
    else:
        lines[at : at + 1] = [lines[at]] * int(rng.integers(2, 20_000))
    return b"\n".join(lines)


_VALUE = re.compile(rb"='([^']*)'|>([^<>]+)<")
_ELEMENT = re.compile(rb"<(\w+)[^<>]*?(?:/>|>[^<>]*</\1>)")


def other_values(rng: np.random.Generator, data: bytes) -> bytes:
    """Attributes and texts of XML replaced by senseless ones, or by others of the document."""
    for _ in range(rng.integers(1, 5)):
        values = list(_VALUE.finditer(data))
        spot, other = (values[i] for i in rng.integers(0, len(values), 2))
        group = 1 if spot[1] is not None else 2
        new = (other[1] or other[2] or b"") if rng.random() < 0.5 else NUMBERS[rng.integers(len(NUMBERS))].encode()
        if group == 2 and rng.random() < 0.5:
            words = spot[2].split()
            if words:
                words[rng.integers(len(words))] = new
                new = b" ".join(words)
        data = data[: spot.start(group)] + new + data[spot.end(group) :]
    return data


def other_elements(rng: np.random.Generator, data: bytes) -> bytes:
    """Elements of XML left out, put in place of others, nested in others, or written thousands of times."""
    elements = list(_ELEMENT.finditer(data))
    spot, other = (elements[i] for i in rng.integers(0, len(elements), 2))
    count = int(rng.integers(2, 5_000))
    name = spot[1]
    new = (
        b"",
        other[0],
        spot[0] * count,
        b"<" + name + b">" + other[0] + b"</" + name + b">",
        (b"<" + name + b">") * min(count, 300) + (b"</" + name + b">") * min(count, 300),
    )[rng.integers(5)]
    return data[: spot.start()] + new + data[spot.end() :]


def other_header(rng: np.random.Generator, data: bytes) -> bytes:
    """Bytes of an image's first hundred set to extremes, as sizes, depths and offsets are."""
    damaged = bytearray(data)
    for at in rng.integers(0, min(len(data), 100), rng.integers(1, 5)):
        damaged[at] = (0, 1, 0x7F, 0x80, 0xFF)[rng.integers(5)]
    return bytes(damaged)


_BYTES: tuple[Mutation, ...] = (flip_bytes, cut_off, splice)
MUTATIONS: dict[str, tuple[Callable[[np.random.Generator, bytes], bytes], ...]] = {
    "obj": (*_BYTES, other_words, other_words, other_lines, other_lines),
    "mtl": (*_BYTES, other_words, other_words, other_lines, other_lines),
    "dae": (*_BYTES, other_values, other_values, other_values, other_elements, other_elements),
    "3ds": _BYTES,
    "image": (*_BYTES, other_header, other_header),
}


def damaged(kind: str, seed: int) -> Files:
    """The files of a damaged model, the same for the same seed."""
    rng = np.random.default_rng([seed, len(kind)])
    files, name = SEEDS[kind][rng.integers(len(SEEDS[kind]))]
    mutation = MUTATIONS[kind][rng.integers(len(MUTATIONS[kind]))]
    return files | {name: mutation(rng, files[name])}
