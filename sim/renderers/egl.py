"""An OpenGL context without a display: EGL, on a GPU's driver or on Mesa's llvmpipe."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import moderngl

_GL_LOWER_LEFT, _GL_ZERO_TO_ONE = 0x8CA1, 0x935F
LEAST_VERSION = 450
ONE_CORE = ("LP_NUM_THREADS", "0")
"""Mesa's llvmpipe draws in the calling thread, unless the user sets more: small images gain little by threads, and as
many processes as there are cores then draw as many times the frames."""

_idle: list[moderngl.Context] = []
_processes: set[int] = set()
"""Those that have had a context: this one, and the ones that it was forked from."""


class RendererError(RuntimeError):
    """A renderer cannot be had on this machine, or failed; the message names it and says what to do."""


def open_context() -> moderngl.Context:
    """A context of OpenGL 4.5 with depth from 0 to 1, which reversed depth needs. On a CPU it uses one core.

    Raises:
        RendererError: no EGL, too old an OpenGL, or a process that was forked from one with OpenGL.
    """
    if _processes and os.getpid() not in _processes:
        # the driver's threads did not come along: it would wait for them for ever
        raise RendererError("gl: this process was forked from one that uses OpenGL; start it by spawn or forkserver")
    _processes.add(os.getpid())
    if _idle:
        return _idle.pop()
    try:
        import moderngl

        os.environ.setdefault(*ONE_CORE)
        _load_triton()
        settings: dict[str, Any] = {"backend": "egl"}
        context = moderngl.create_context(standalone=True, require=LEAST_VERSION, **settings)
    except Exception as error:  # EGL's errors come as Exception itself
        raise RendererError(f"gl: no OpenGL through EGL ({error}); apt-get install libegl1 libgl1-mesa-dri") from error
    _depth_from_zero_to_one(context)
    return context


def _load_triton() -> None:
    """Load the library of Triton, which comes with CUDA builds of torch, before Mesa's, if it is installed.

    Both carry an LLVM. Loaded after Mesa's, as by the first optimiser that torch makes, Triton's binds to the other's
    and ends the process with a segmentation fault; loaded before, each has its own.
    """
    found = importlib.util.find_spec("triton")
    for folder in (found.submodule_search_locations or []) if found else []:
        for library in (Path(folder) / "_C").glob("libtriton*.so"):
            ctypes.CDLL(str(library))


def give_back(context: moderngl.Context) -> None:
    """Takes a context that holds nothing any more: one is kept for the next renderer, others are released.

    For each context that is created, moderngl 5.13 leaves 40 kB behind for ever.
    """
    with context:
        sound = context.error == "GL_NO_ERROR"
    if sound and not _idle:
        _idle.append(context)
    else:
        context.release()


def describe(context: moderngl.Context) -> str:
    """The driver's own names: `llvmpipe (LLVM 15.0.6, 256 bits), 4.5 (Core Profile) Mesa 22.3.6`."""
    return f"{context.info['GL_RENDERER']}, {context.info['GL_VERSION']}"


@contextlib.contextmanager
def current(context: moderngl.Context, driver: str) -> Iterator[None]:
    """Makes a context the current one for a while.

    Raises:
        RendererError: the driver refused something meanwhile.
    """
    import moderngl

    try:
        with context:
            yield
            refused = context.error
    except moderngl.Error as error:
        raise RendererError(f"gl: {error} ({driver})") from error
    if refused != "GL_NO_ERROR":
        raise RendererError(f"gl: the driver reports {refused} ({driver})")


def _depth_from_zero_to_one(context: moderngl.Context) -> None:
    """glClipControl, which moderngl does not wrap."""
    library = ctypes.CDLL("libEGL.so.1")
    library.eglGetProcAddress.restype = ctypes.c_void_p
    address = library.eglGetProcAddress(b"glClipControl")
    if not address:
        raise RendererError("gl: the driver has no glClipControl, which OpenGL 4.5 has")
    ctypes.CFUNCTYPE(None, ctypes.c_uint, ctypes.c_uint)(address)(_GL_LOWER_LEFT, _GL_ZERO_TO_ONE)
    if context.error != "GL_NO_ERROR":
        raise RendererError("gl: the driver refuses a depth range from 0 to 1")
