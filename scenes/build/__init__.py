"""`HomeFile` -> `Scene`: walls, rooms, furniture and ground as triangles with meaning."""
