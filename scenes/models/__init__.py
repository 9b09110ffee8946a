"""Models of furniture: OBJ (the dialect that Sweet Home 3D reads) and what trimesh reads, as shapes with materials."""
