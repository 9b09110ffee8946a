"""Data only: bundled homes, textures, tables. `LICENSES.md` says whose each file is."""
