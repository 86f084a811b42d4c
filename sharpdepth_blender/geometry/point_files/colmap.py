"""COLMAP: what one image of a sparse model sees of its points, from text or binary files."""

import os
import struct
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from ...files import open_input
from ..measurement import has_proportions
from .errors import PointFileError, naming_unreadable

WORST_ERROR = 4.0  # pixels of reprojection error, beyond which a point is left out
_DAMAGED = "is cut short or damaged: export the model again"
# How many parameters a camera of each model has, by the model's number.
_PARAMETERS = (3, 4, 4, 5, 8, 8, 12, 5, 4, 5, 12, 16)
_POINT = np.dtype([("place", "<f8", 2), ("point", "<i8")])


@dataclass(frozen=True)
class _View:
    """An image of a model.

    Attributes:
        name: As the model has it, which may be a path.
        camera: Number of its camera.
        rotation: (w, x, y, z) from the world to the camera.
        translation: (x, y, z) likewise.
        places: (N, 2) pixels of what was found in it, the top-left pixel's center at (0.5, 0.5).
        points: (N,) numbers of the points that were found there, -1 for none.
    """

    name: str
    camera: int
    rotation: tuple[float, ...]
    translation: tuple[float, ...]
    places: np.ndarray
    points: np.ndarray


def is_colmap(path: str | os.PathLike[str]) -> bool:
    """Whether a file's name is that of the points of a COLMAP model."""
    return Path(path).name.lower() in ("points3d.txt", "points3d.bin")


def read_colmap(
    path: str | os.PathLike[str], image: str, width: int, height: int
) -> tuple[np.ndarray, int]:
    """Read the points of a sparse model that one of its images sees.

    Points whose reprojection error is beyond `WORST_ERROR` are left out.

    Args:
        path: `points3D.txt` or `points3D.bin`, with `images` and `cameras` in its folder.
        image: Name of the image, with or without the folders that the model has before it.
        width: Of the picture, pixels; where the camera's differs, places are scaled.
        height: Likewise.

    Returns:
        (points, inaccurate): (N, 3) float64 u, v in pixels of the picture and z-depth in the
        model's unit, of N >= 0; and how many were left out.

    Raises:
        PointFileError: A file cannot be read, the model has no such image or more than one, or the
            picture has other proportions.
    """
    images = _beside(path, "images")
    view = _find(images, image)
    cameras = _beside(path, "cameras")
    size = _size(cameras, view.camera)
    if not has_proportions(*size, width, height):
        raise PointFileError(
            images,
            f"has {view.name} with {size[0]} x {size[1]} pixels, which are not the proportions of "
            f"the picture's {width} x {height}: take the picture that COLMAP had",
        )
    found = view.points >= 0
    numbers = view.points[found]
    wanted = _points(Path(path), set(numbers.tolist()))
    missing = (np.nan,) * 3 + (0.0,)
    world = np.array([wanted.get(number, missing) for number in numbers.tolist()]).reshape(-1, 4)
    accurate = world[:, 3] <= WORST_ERROR
    z = world[:, :3] @ _forward(images, view.rotation) + view.translation[2]
    places = view.places[found] * (width / size[0], height / size[1])
    return np.column_stack([places, z])[accurate], int((~accurate).sum())


def _forward(path: Path, rotation: tuple[float, ...]) -> np.ndarray:
    """Third row of the rotation matrix of a quaternion, which need not be of unit length."""
    w, x, y, z = rotation
    norm = w * w + x * x + y * y + z * z
    if not 0 < norm < np.inf:
        raise PointFileError(path, _DAMAGED)
    return np.array([2 * (x * z - w * y), 2 * (y * z + w * x), norm - 2 * (x * x + y * y)]) / norm


def _beside(path: str | os.PathLike[str], name: str) -> Path:
    """Another file of the model that the points are of."""
    endings = (".bin", ".txt") if Path(path).suffix.lower() == ".bin" else (".txt", ".bin")
    for ending in endings:
        other = Path(path).with_name(name + ending)
        if other.is_file():
            return other
    raise PointFileError(
        path, f"has no {name}{endings[0]} in its folder: give the whole model that COLMAP wrote"
    )


def _find(path: Path, image: str) -> _View:
    """The view of a name; several in different folders may have it."""
    views = _views_of_text(path, image) if path.suffix == ".txt" else _views(path, image)
    exact = [view for view in views if view.name == image]
    if len(exact or views) == 1:
        return (exact or views)[0]
    if views:
        names = ", ".join(view.name for view in views[:3])
        raise PointFileError(
            path, f"has more than one {image}: say with --colmap-image which of {names} it is"
        )
    raise PointFileError(
        path, f"has no image of the name {image}: name the picture's with --colmap-image"
    )


def _is_meant(name: str, image: str) -> bool:
    return name == image or PurePosixPath(name.replace("\\", "/")).name == image


# Text.


def _text(path: Path) -> Generator[str]:
    """Lines of a file without their ends."""
    with naming_unreadable(path), open_input(path) as file:
        for line in TextIOWrapper(file, "utf-8-sig", "replace"):
            yield line.strip()


@contextmanager
def _naming_damage(path: Path) -> Iterator[None]:
    try:
        yield
    except PointFileError:
        raise
    except (ValueError, IndexError, struct.error, OverflowError) as error:
        raise PointFileError(path, _DAMAGED) from error


def _views_of_text(path: Path, image: str) -> list[_View]:
    views = []
    with _naming_damage(path), closing(_text(path)) as lines:
        for line in lines:
            if not line or line.startswith("#"):
                continue
            words = line.split(maxsplit=9)
            found = next(lines, "")  # empty where nothing was found in the image
            if not _is_meant(words[9], image):
                continue
            pose = [float(word) for word in words[1:8]]
            values = np.array(found.split(), np.float64).reshape(-1, 3)
            numbers = np.array(found.split()[2::3], np.int64)
            views.append(
                _View(
                    words[9],
                    int(words[8]),
                    tuple(pose[:4]),
                    tuple(pose[4:]),
                    values[:, :2],
                    numbers,
                )
            )
    return views


def _size(path: Path, camera: int) -> tuple[int, int]:
    """(width, height) of a camera, in pixels."""
    if path.suffix != ".txt":
        return _size_of_binary(path, camera)
    with _naming_damage(path):
        for line in _text(path):
            words = line.split()
            if words and not line.startswith("#") and int(words[0]) == camera:
                return _checked(int(words[2]), int(words[3]))
    raise PointFileError(path, f"has no camera {camera}: export the whole model again")


def _checked(width: int, height: int) -> tuple[int, int]:
    if width < 1 or height < 1:
        raise ValueError("a camera without pixels")
    return width, height


def _points(path: Path, numbers: set[int]) -> dict[int, tuple[float, ...]]:
    """Number -> (x, y, z, reprojection error) of those points that are there."""
    if path.suffix.lower() != ".txt":
        return _points_of_binary(path, numbers)
    points: dict[int, tuple[float, ...]] = {}
    with _naming_damage(path):
        for line in _text(path):
            if not line or line.startswith("#"):
                continue
            words = line.split(maxsplit=8)
            number = int(words[0])
            if number in numbers:
                points[number] = (*map(float, words[1:4]), float(words[7]))
    return points


# Binary: little-endian, each list after its length.


class _Reader:
    """Values one after another."""

    def __init__(self, path: Path) -> None:
        with naming_unreadable(path), open_input(path) as file:
            self.data = file.read()
        self.place = 0

    def read(self, form: str) -> tuple[Any, ...]:
        form = "<" + form
        values = struct.unpack_from(form, self.data, self.place)
        self.place += struct.calcsize(form)
        return values

    def text(self) -> str:
        end = self.data.index(b"\0", self.place)
        text = self.data[self.place : end].decode("utf-8", errors="replace")
        self.place = end + 1
        return text

    def skip(self, size: int) -> None:
        self.place += size
        if self.place > len(self.data):
            raise ValueError("the file ends early")


def _views(path: Path, image: str) -> list[_View]:
    views = []
    with _naming_damage(path):
        reader = _Reader(path)
        (count,) = reader.read("Q")
        for _ in range(count):
            _, *pose, camera = reader.read("I7dI")
            name = reader.text()
            (length,) = reader.read("Q")
            start = reader.place
            reader.skip(length * _POINT.itemsize)
            if _is_meant(name, image):
                found = np.frombuffer(reader.data, _POINT, length, start)
                views.append(
                    _View(name, camera, tuple(pose[:4]), tuple(pose[4:]), found["place"],
                          found["point"])
                )  # fmt: skip
    return views


def _size_of_binary(path: Path, camera: int) -> tuple[int, int]:
    with _naming_damage(path):
        reader = _Reader(path)
        (count,) = reader.read("Q")
        for _ in range(count):
            number, model, width, height = reader.read("IiQQ")
            if number == camera:
                return _checked(width, height)
            if not 0 <= model < len(_PARAMETERS):
                raise PointFileError(
                    path, "has a camera of an unknown kind: export the model as text"
                )
            reader.skip(8 * _PARAMETERS[model])
    raise PointFileError(path, f"has no camera {camera}: export the whole model again")


def _points_of_binary(path: Path, numbers: set[int]) -> dict[int, tuple[float, ...]]:
    points: dict[int, tuple[float, ...]] = {}
    with _naming_damage(path):
        reader = _Reader(path)
        (count,) = reader.read("Q")
        for _ in range(count):
            number, x, y, z, error, length = reader.read("Q3d3xdQ")
            reader.skip(8 * length)
            if number in numbers:
                points[number] = x, y, z, error
    return points
