"""Ways to damage a home file: each takes a generator and the file's bytes and gives other bytes, often no home."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import numpy as np

Mutation = Callable[[np.random.Generator, bytes], bytes]

NUMBERS = ("1e9", "1e300", "-1", "0", "NaN", "Infinity", "-Infinity", "1e-300", "-1e9", "99999999999999999999", "", "x")
_VALUE = re.compile(rb"(?<==)(['\"])([^'\"]*)\1")
_NUMBER = re.compile(rb"(?<=['\" ])-?\d+(\.\d+)?(?=['\" ])")


def unpack(data: bytes) -> dict[str, bytes]:
    """The entries of a zip by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as zip_file:
        return {name: zip_file.read(name) for name in zip_file.namelist()}


def pack(entries: dict[str, bytes]) -> bytes:
    """A zip with these entries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zip_file:
        for name, data in entries.items():
            zip_file.writestr(name, data)
    return buffer.getvalue()


def flip_bytes(rng: np.random.Generator, data: bytes) -> bytes:
    """A few bytes replaced by others."""
    damaged = bytearray(data)
    for at in rng.integers(0, len(data), rng.integers(1, 8)):
        damaged[at] = rng.integers(256)
    return bytes(damaged)


def cut_off(rng: np.random.Generator, data: bytes) -> bytes:
    """The first part only."""
    return data[: rng.integers(len(data))]


def splice(rng: np.random.Generator, data: bytes) -> bytes:
    """A stretch taken out, doubled, or put somewhere else."""
    start, end, to = sorted(rng.integers(0, len(data), 2)) + [int(rng.integers(len(data)))]
    stretch = data[start:end]
    return (data[:start] + data[end:], data[:end] + stretch + data[end:], data[:to] + stretch + data[to:])[
        rng.integers(3)
    ]


def _entry(rng: np.random.Generator, data: bytes, change: Mutation, names: str) -> bytes:
    """The file with `change` done to one of the entries whose name matches."""
    entries = unpack(data)
    matching = [name for name in entries if re.search(names, name) and entries[name]]
    if not matching:
        return data
    name = matching[rng.integers(len(matching))]
    return pack(entries | {name: change(rng, entries[name])})


def damaged_xml(rng: np.random.Generator, data: bytes) -> bytes:
    """Bytes of `Home.xml` flipped, cut or spliced."""
    return _entry(rng, data, (flip_bytes, cut_off, splice)[rng.integers(3)], r"^Home\.xml$")


def _one_value(rng: np.random.Generator, xml: bytes) -> bytes:
    """One attribute with another's value, a senseless number, or nothing."""
    values = list(_VALUE.finditer(xml))
    for _ in range(rng.integers(1, 4)):
        target, other = (values[i] for i in rng.integers(0, len(values), 2))
        new = other[2] if rng.random() < 0.3 else NUMBERS[rng.integers(len(NUMBERS))].encode()
        xml = xml.replace(target[0], b"'" + new + b"'", 1) if rng.random() < 0.5 else xml
        spot = list(_VALUE.finditer(xml))[rng.integers(len(values) // 2)]
        xml = xml[: spot.start(2)] + new + xml[spot.end(2) :]
    return xml


def _one_number(rng: np.random.Generator, xml: bytes) -> bytes:
    """Some numbers replaced by senseless ones, or scaled."""
    for _ in range(rng.integers(1, 6)):
        numbers = list(_NUMBER.finditer(xml))
        spot = numbers[rng.integers(len(numbers))]
        scaled = str(float(spot[0]) * 10 ** float(rng.uniform(-12, 12)) * rng.choice([-1, 1]))
        new = NUMBERS[rng.integers(len(NUMBERS))] if rng.random() < 0.5 else scaled
        xml = xml[: spot.start()] + new.encode() + xml[spot.end() :]
    return xml


def other_values(rng: np.random.Generator, data: bytes) -> bytes:
    """Attributes of `Home.xml` with senseless values."""
    return _entry(rng, data, (_one_value, _one_number)[rng.integers(2)], r"^Home\.xml$")


def damaged_content(rng: np.random.Generator, data: bytes) -> bytes:
    """Bytes of a model, a material file or an image flipped, cut or spliced."""
    return _entry(rng, data, (flip_bytes, cut_off, splice)[rng.integers(3)], r"^(?!Home)")


def _model_numbers(rng: np.random.Generator, obj: bytes) -> bytes:
    """Some words of an OBJ or MTL replaced."""
    words = obj.split(b" ")
    for at in rng.integers(0, len(words), rng.integers(1, 10)):
        words[at] = (*(n.encode() for n in NUMBERS), b"-1/-1/-1", b"1//", b"f", b"\\\n", b"\xff")[rng.integers(17)]
    return b" ".join(words)


def other_model(rng: np.random.Generator, data: bytes) -> bytes:
    """Numbers of a model or a material file that are none, or lead nowhere."""
    return _entry(rng, data, _model_numbers, r"\.(obj|mtl)$")


def lost_or_swapped_contents(rng: np.random.Generator, data: bytes) -> bytes:
    """Contents that are missing, empty, or another's."""
    entries = unpack(data)
    names = [name for name in entries if not name.startswith("Home")]
    for _ in range(rng.integers(1, 4)):
        first, second = (names[i] for i in rng.integers(0, len(names), 2))
        kind = rng.integers(3)
        if kind == 0:
            entries.pop(first, None)
        elif kind == 1:
            entries[first] = b""
        elif second in entries:
            entries[first] = entries[second]
    return pack(entries)


def damaged_java(rng: np.random.Generator, data: bytes) -> bytes:
    """Bytes of the Java-serialised home flipped, cut or spliced."""
    return _entry(rng, data, (flip_bytes, cut_off, splice)[rng.integers(3)], r"^Home$")


def other_java_values(rng: np.random.Generator, data: bytes) -> bytes:
    """Numbers of the Java-serialised home that are none, or beyond any home; its objects pointing elsewhere."""

    def change(rng: np.random.Generator, stream: bytes) -> bytes:
        damaged = bytearray(stream)
        floats = [float(n) for n in NUMBERS[:9]] + [1e38, 1e-38]
        for _ in range(rng.integers(1, 6)):
            references = [match.start() for match in re.finditer(rb"q\x00~\x00", stream)]
            if references and rng.random() < 0.3:
                damaged[references[rng.integers(len(references))] + 4] = rng.integers(256)
                continue
            at = int(rng.integers(6, len(stream) - 8))
            number = np.array([floats[rng.integers(len(floats))]])
            with np.errstate(over="ignore"):
                damaged[at : at + 4] = number.astype(">f4").tobytes()
        return bytes(damaged)

    return _entry(rng, data, change, r"^Home$")


def repeated_element(rng: np.random.Generator, data: bytes) -> bytes:
    """An element of `Home.xml` many times over."""

    def change(rng: np.random.Generator, xml: bytes) -> bytes:
        elements = list(re.finditer(rb"<(wall|point|piece\w*|room|level|label)\b[^>]*/>", xml))
        if not elements:
            return xml
        element = elements[rng.integers(len(elements))]
        return xml[: element.end()] + element[0] * int(rng.integers(1, 60)) + xml[element.end() :]

    return _entry(rng, data, change, r"^Home\.xml$")


XML_MUTATIONS: tuple[Mutation, ...] = (
    flip_bytes, cut_off, splice, damaged_xml, other_values, other_values, other_values, damaged_content, other_model,
    lost_or_swapped_contents, repeated_element,
)  # fmt: skip
JAVA_MUTATIONS: tuple[Mutation, ...] = (damaged_java, other_java_values)
