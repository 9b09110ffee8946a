"""`python -m scenes.bundled [NAME ...]` draws the bundled homes again and writes them to `assets/homes`."""

import sys

from scenes.bundled import BUNDLED, bundled_names, bundled_path

for name in sys.argv[1:] or bundled_names():
    path = bundled_path(name)
    path.parent.mkdir(exist_ok=True)
    BUNDLED[name]().save(path)
