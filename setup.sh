#!/usr/bin/env bash
# Sets Stairwell up in ./.venv: system libraries where it may, Python packages at the tested versions.
#   ./setup.sh            what `sim` needs
#   ./setup.sh --train    also torch and what trains with it
#   ./setup.sh --dev      all of that, and what the tests need
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

extras=()
for argument in "$@"; do
  case "$argument" in
    --dev) extras+=(dev) ;;
    --train) extras+=(train) ;;
    *) sed -n '2,5p' "$0"; exit 2 ;;
  esac
done

say() { printf '%s\n' "$*" >&2; }

# The library that each package brings, as the loader names it.
declare -A package_of=(
  [libusb-1.0.so.0]=libusb-1.0-0  [libGL.so.1]=libgl1  [libgomp.so.1]=libgomp1  [libX11.so.6]=libx11-6
  [libEGL.so.1]=libegl1  [libEGL_mesa.so.0]=libegl-mesa0
)
missing_packages() {
  local known library
  known="$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null || true)"
  for library in "${!package_of[@]}"; do
    grep -qF "$library" <<<"$known" || echo "${package_of[$library]}"
  done
  ls /usr/lib/*/dri/swrast_dri.so >/dev/null 2>&1 || ls /usr/lib/*/libgallium-*.so >/dev/null 2>&1 || echo libgl1-mesa-dri
}
as_root() { if [[ $EUID -eq 0 ]]; then "$@"; else sudo -n "$@"; fi; }
may_install() { command -v apt-get >/dev/null && { [[ $EUID -eq 0 ]] || sudo -n true 2>/dev/null; }; }
install_packages() {
  if may_install; then
    say "installing $*"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
  else
    say "not installed, for want of rights or of apt-get: $*"
    say "  on Debian or Ubuntu: sudo apt-get install $*"
    return 1
  fi
}

if [[ "$(uname -s)" == Linux ]]; then
  mapfile -t packages < <(missing_packages | sort)
  if ((${#packages[@]})); then
    install_packages "${packages[@]}" || say "going on without them; .venv/bin/sim doctor says what that costs"
  fi
fi

find_python() {
  local candidate
  for candidate in python3.11 python3 python; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
      echo "$candidate"; return
    fi
  done
  return 1
}
if ! python="$(find_python)"; then
  install_packages python3.11 python3.11-venv || true
  python="$(find_python)" || { say "Python 3.11 is needed (PyBullet has no wheels above it)"; exit 1; }
fi
if [[ ! -x .venv/bin/python ]]; then
  if ! "$python" -m venv .venv 2>/dev/null; then
    rm -rf .venv
    install_packages python3.11-venv
    "$python" -m venv .venv
  fi
fi

target="."
if ((${#extras[@]})); then target=".[$(IFS=,; echo "${extras[*]}")]"; fi
say "installing the Python packages into .venv"
# PyPI's torch for Linux brings 3 GB of CUDA; without an NVIDIA GPU the CPU build, where its index can be reached, does.
torch_index=https://download.pytorch.org/whl/cpu
reachable() { .venv/bin/python -c "import urllib.request as u; u.urlopen('$torch_index/torch/', timeout=10)" 2>/dev/null; }
if ((${#extras[@]})) && [[ "$(uname -s)" == Linux ]] && ! command -v nvidia-smi >/dev/null; then
  if reachable; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -c constraints.txt --index-url "$torch_index" torch
  else
    say "$torch_index cannot be reached; taking torch from pip's own index"
  fi
fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e "$target"
say "ready: .venv/bin/sim --help"
