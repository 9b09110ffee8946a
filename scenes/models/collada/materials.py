"""Materials of a Collada document, as Sweet Home 3D shows them (measured against the program)."""

from __future__ import annotations

import urllib.parse

from scenes.models.collada.document import Document, Element, floats
from scenes.models.model import RGB, ModelMaterial
from scenes.models.neighbours import Neighbours

_SHADERS = ("phong", "blinn", "lambert", "constant")
_WHITE, _BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)
UNBOUND = ModelMaterial("default", _WHITE)
"""What faces without a material wear."""


class MaterialReader:
    """Reads the materials of a document; each once."""

    def __init__(self, document: Document, neighbours: Neighbours) -> None:
        self._document = document
        self._neighbours = neighbours
        self._read: dict[str, tuple[ModelMaterial, str]] = {}

    def read(self, url: str) -> tuple[ModelMaterial, str]:
        """The material that an `instance_material` names, and what it calls its texture coordinates."""
        if url not in self._read:
            self._read[url] = self._material(url)
        return self._read[url]

    def _material(self, url: str) -> tuple[ModelMaterial, str]:
        material = self._document.target(url, "material")
        if material is None:
            return UNBOUND, ""
        name = material.get("name") or material.get("id") or ""
        instance = material.find("instance_effect")
        effect = self._document.target(None if instance is None else instance.get("url"), "effect")
        techniques = [] if effect is None else effect.iterfind("profile_COMMON/technique/*")
        shader = next((element for element in techniques if element.tag in _SHADERS), None)
        if effect is None or shader is None:
            return ModelMaterial(name, _WHITE), ""
        texture = shader.find("diffuse/texture")
        image = None if texture is None else self._image(effect, texture.get("texture", ""))
        specular = _color(shader.find("specular"))
        shines = shader.tag in ("phong", "blinn") and texture is None
        found = ModelMaterial(
            name,
            diffuse=_diffuse(shader),
            specular=specular or (_WHITE if shines else _BLACK),
            shininess=_shininess(shader, 64.0 if shines else 1.0),
            alpha=_alpha(shader),
            image=image,
        )
        return found, "" if texture is None else texture.get("texcoord", "")

    def _image(self, effect: Element, name: str) -> str | None:
        """The content reference of an image by the name of its sampler, or else its own; as written if not there."""
        params = {param.get("sid", ""): param for param in effect.iter("newparam")}
        for path in ("sampler2D/source", "surface/init_from"):
            param = params.get(name)
            link = None if param is None else param.find(path)
            name = (link.text or "").strip() if link is not None else name
        param = params.get(name)
        instance = None if param is None else param.find("sampler2D/instance_image")
        image = self._document.target(name if instance is None else instance.get("url"), "image")
        source = None if image is None else image.find("init_from")
        reference = source.find("ref") if source is not None else None
        written = ((source.text if reference is None else reference.text) or "").strip() if source is not None else name
        return self._neighbours.file(urllib.parse.unquote(written)) or self._neighbours.file(written) or written or None


def _diffuse(shader: Element) -> RGB:
    """The colour, or where there is none, that of the light it gives off; black under a texture that is missing."""
    color = _color(shader.find("diffuse")) or _color(shader.find("emission"))
    return color or (_WHITE if shader.find("diffuse/texture") is None else _BLACK)


def _color(element: Element | None) -> RGB | None:
    values = floats(None if element is None else element.find("color"))
    if len(values) < 3:
        return None
    red, green, blue = (min(1.0, max(0.0, float(value))) for value in values[:3])
    return red, green, blue


def _shininess(shader: Element, otherwise: float) -> float:
    values = floats(shader.find("shininess/float"))
    return min(128.0, max(1.0, float(values[0]))) if len(values) else otherwise


def _alpha(shader: Element) -> float:
    """How opaque the material is: of `<transparency>` alone nothing follows, as in the program."""
    transparent = shader.find("transparent")
    values = floats(None if transparent is None else transparent.find("color"))
    if transparent is None or len(values) < 3:
        return 1.0
    factors = floats(shader.find("transparency/float"))
    factor = float(factors[0]) if len(factors) else 1.0
    mode = transparent.get("opaque", "A_ONE")
    if mode.startswith("RGB"):
        share = float(values[:3] @ [0.212671, 0.715160, 0.072169])
    else:
        share = float(values[3]) if len(values) > 3 else 1.0
    alpha = 1.0 - share * factor if mode.endswith("ZERO") else share * factor
    return min(1.0, max(0.0, alpha))
