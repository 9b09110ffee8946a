"""Sweet Home 3D's OBJ export -> `Scene`: what a mesh keeps of a home, read from its group names and its geometry."""

from scenes.obj_import.assemble import load_obj_scene, parse_obj_scene

__all__ = ["load_obj_scene", "parse_obj_scene"]
