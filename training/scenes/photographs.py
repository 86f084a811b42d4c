"""Photographs that come with scikit-image, for posters, packages, walls and ground.

Their sources and licenses are in that package's data/README.txt. Left out are those that the
project's own checks look at.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from sharpdepth_blender.process.environment import EngineMissing, find_interpreter

_PICTURES = (
    "astronaut.png",
    "camera.png",
    "clock_motion.png",
    "coins.png",
    "hubble_deep_field.jpg",
    "moon.png",
    "motorcycle_left.png",
    "motorcycle_right.png",
    "page.png",
    "retina.jpg",
    "text.png",
)
_SURFACES = ("brick.png", "grass.png", "gravel.png")


def photographs() -> list[str]:
    """Return the paths of photographs; empty where the package is not installed."""
    return _present(_PICTURES)


def surfaces() -> list[str]:
    """Return the paths of photographs of brick, grass and gravel; empty without the package."""
    return _present(_SURFACES)


def _present(names):
    folder = _data_folder()
    return [str(folder / name) for name in names if folder and (folder / name).is_file()]


@cache
def _data_folder() -> Path | None:
    """Find the package in this Python or in the engine's environment, without importing it."""
    if found := find_spec("skimage"):
        return Path(found.origin).parent / "data"
    try:
        engine = find_interpreter().parent.parent
    except EngineMissing:
        return None
    for packages in ("lib/python3*/site-packages", "Lib/site-packages"):
        for place in engine.glob(f"{packages}/skimage/data"):
            return place
    return None
