#!/usr/bin/env bash
# Renders the README's pictures anew.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
sim=../../.venv/bin/sim
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
"$sim" render --scene oldenborg --path oldenborg.json --hide ceiling --hide light --size 1280x640 --fov 75 --light day --out "$work/above"
"$sim" render --scene oldenborg --path inside.json --size 400x300 --light day --out "$work/inside"
../../.venv/bin/python - "$work" <<'PYTHON'
import sys
import imageio.v3 as iio
import numpy as np

work = sys.argv[1]
iio.imwrite("oldenborg.jpg", iio.imread(f"{work}/above/rgb/000000.png"), quality=88)
frames = iio.imread(f"{work}/inside/preview.mp4", plugin="pyav")
iio.imwrite("preview.jpg", np.concatenate(list(frames)), quality=88)
PYTHON
