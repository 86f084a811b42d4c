"""Sequence folder: the folder of a sequence, in which every file is whole or not there.

- `depth.0001.exr`: sharpened z-depth in meters, steady over time.
- `metric.0001.exr`: metric z-depth, likewise.
- `normals.0001.exr`: unit normals in the camera's axes (x right, y up, z backwards), half floats,
  0 where unknown; only where the model tells them.
- `picture.0001.png`: what the model saw, 8-bit sRGB. Of a frame without a picture of its own all of
  these are the nearest frame's.
- `shot.json`: every frame's intrinsics, camera, scale and shift; cuts, jumps and sky.
- `raw/0001.npz`: what the engine said of a frame alone; not needed once all is done.
- `raw/window.0000.npz`, `raw/scale.0001.npz`, `raw/joined.0001.npz`: what a network for video
  said of a window, what was measured of a frame to give it a scale, its part of the joined windows.
- `raw/settings.json`, `raw/steady.json`: by what these were made.

Blender shows no files with numbers below 0. Where a shot begins there, so many thousands are added
to the numbers of all files that none is; `shot.json` has them as `file_offset`.
"""

import json
import os
import re
import shutil
import time
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...files import absolute, atomic_write
from ...geometry import Intrinsics
from ..errors import DepthFileError, SaveError
from ..exr import read_depth_exr
from ..picture import normals_file
from ..saving import PNG_END, check_end, write_png
from .errors import SequenceError

_UNFINISHED = re.compile(r"\.[0-9a-f]{12}\.(npz|png|exr|json)")  # as `atomic_write` names it
_BRIGHTNESS = 96  # samples along a picture's longer side that are kept for comparing frames


@dataclass(frozen=True)
class RawFrame:
    """What the engine said of one frame, and who saw it.

    Attributes:
        depth: (H, W) float32 meters, sharpened, holes 0.
        metric_depth: (H, W) float32 meters, holes 0.
        brightness: (h, w) uint8, the picture small and gray.
        intrinsics: Of the depth.
        pixel_aspect: Height over width of a pixel.
        matrix: (4, 4) world matrix of the camera in meters; None where nobody knows it.
        scale: Of the engine's fit.
        shift: Meters.
        notes: Sentences of the engine and of the source.
        model: Preset or folder.
        device: Where it ran.
        sky: (H, W) bool, where the model found sky, whose depth means nothing; None without any.
        has_normals: Whether the model told normals, which have a file of their own.
    """

    depth: np.ndarray
    metric_depth: np.ndarray
    brightness: np.ndarray
    intrinsics: Intrinsics
    pixel_aspect: float
    matrix: np.ndarray | None
    scale: float
    shift: float
    notes: tuple[str, ...]
    model: str
    device: str
    sky: np.ndarray | None = None
    has_normals: bool = False


def offset_from(first: int) -> int:
    """What to add to the numbers of a shot's frames, of which this is the first, to name files."""
    return -min(first // 1000, 0) * 1000


class SequenceFolder:
    """The folder of a sequence.

    Args:
        folder: Made where it is missing.
        offset: Added to a frame's number in the names of its files, as of `offset_from`.

    Raises:
        SequenceError: It cannot be made.
    """

    def __init__(self, folder: str | os.PathLike[str], offset: int = 0) -> None:
        self.folder, self.offset = Path(absolute(folder)), offset
        self._raw = self.folder / "raw"
        try:
            self._raw.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SequenceError(
                "The folder {path} cannot be made: {why}.", path=folder, why=error.strerror
            ) from error

    def path(self, kind: str, number: int) -> Path:
        """The file of a frame: `depth`, `metric`, `normals`, `picture` or `raw`."""
        number += self.offset
        if kind == "raw":
            return self._raw / f"{number:04d}.npz"
        suffix = "png" if kind == "picture" else "exr"
        return self.folder / f"{kind}.{number:04d}.{suffix}"

    def check_settings(self, settings: dict[str, Any]) -> None:
        """Make sure that all frames are made with the same settings, or note them for the next.

        Args:
            settings: Name -> value, as JSON has them.

        Raises:
            SequenceError: Frames that are here were made with others.
        """
        before = self.read_json("raw/settings.json")
        if before is None:
            self.write_json("raw/settings.json", settings)
            # Another process may have been the first in the same moment.
            before = self.read_json("raw/settings.json") or settings
        for name in sorted(before.keys() | settings.keys()):
            if before.get(name) != settings.get(name):
                raise SequenceError(
                    "The frames in {folder} were made with {name} {before}, not {now}: give "
                    "another folder, or remove that one.",
                    folder=self.folder,
                    name=name,
                    before=before.get(name),
                    now=settings.get(name),
                )

    def hold(self, number: int, shows: int, kinds: Iterable[str]) -> None:
        """Have a frame without depth of its own show the files of another.

        Args:
            number: Frame.
            shows: The other one.
            kinds: Of the files, as of `path`.

        Raises:
            SaveError: A file cannot be written.
        """
        for kind in kinds:
            source, path = self.path(kind, shows), self.path(kind, number)
            try:
                if path.is_file() and path.samefile(source):
                    continue
                with atomic_write(path) as beside:
                    try:
                        os.link(source, beside)  # which takes no room
                    except OSError:
                        shutil.copyfile(source, beside)
            except OSError as error:
                raise SaveError.of(path, error) from error

    def remove(self, kind: str, number: int) -> None:
        """Remove a file of a frame, where it is there.

        Raises:
            SaveError: It cannot be removed.
        """
        path = self.path(kind, number)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise SaveError.of(path, error) from error

    def read_json(self, name: str) -> Any:
        """What a file of the folder holds, None where it is missing or broken."""
        try:
            return json.loads((self.folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def write_json(self, name: str, values: object) -> None:
        """Write a file of the folder.

        Raises:
            SaveError: It cannot be written.
        """
        path = self.folder / name
        try:
            with atomic_write(path) as beside:
                beside.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise SaveError.of(path, error) from error

    def write_picture(self, number: int, rgb: np.ndarray) -> None:
        """Keep the picture of a frame, (H, W, 3) uint8 sRGB, as the model saw it.

        Raises:
            SaveError: The file cannot be written.
        """
        write_png(self.path("picture", number), rgb)

    def write_normals(self, number: int, normals: np.ndarray) -> None:
        """Keep the normals of a frame, (H, W, 3), in Blender's camera space.

        Raises:
            SaveError: The file cannot be written.
        """
        path = self.path("normals", number)
        try:
            with atomic_write(path) as beside:
                beside.write_bytes(normals_file(normals))
        except OSError as error:
            raise SaveError.of(path, error) from error

    def write_raw(self, number: int, frame: RawFrame) -> None:
        """Keep what the engine said of a frame; its picture and its normals come first.

        Args:
            number: Frame.
            frame: What to keep.

        Raises:
            SaveError: The file cannot be written.
        """
        names = "pixel_aspect", "scale", "shift", "notes", "model", "device", "has_normals"
        known = {name: getattr(frame, name) for name in names}
        known |= {
            "intrinsics": asdict(frame.intrinsics),
            "matrix": None if frame.matrix is None else np.asarray(frame.matrix).tolist(),
        }
        path = self.path("raw", number)
        sky = {} if frame.sky is None else {"sky": frame.sky}
        try:
            with atomic_write(path) as beside:
                np.savez(
                    beside,
                    depth=frame.depth,
                    metric_depth=frame.metric_depth,
                    brightness=frame.brightness,
                    known=np.array(json.dumps(known)),
                    **sky,
                )
        except OSError as error:
            raise SaveError.of(path, error) from error

    def read_raw(self, number: int) -> RawFrame | None:
        """What was kept of a frame; None where it is missing, half there or broken."""
        try:
            with np.load(self.path("raw", number), allow_pickle=False) as file:
                arrays = {name: file[name] for name in ("depth", "metric_depth", "brightness")}
                arrays |= {"sky": file["sky"]} if "sky" in file else {}
                known = json.loads(str(file["known"]))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
            return None
        intrinsics = Intrinsics(**known.pop("intrinsics"))
        matrix = known.pop("matrix")
        known["notes"] = tuple(known["notes"])
        matrix = None if matrix is None else np.array(matrix)
        return RawFrame(**arrays, intrinsics=intrinsics, matrix=matrix, **known)

    def path_of_arrays(self, kind: str, number: int) -> Path:
        """The file of arrays of a `window`, by its number, or of a frame: `scale`, `joined`."""
        number += 0 if kind == "window" else self.offset
        return self._raw / f"{kind}.{number:04d}.npz"

    def write_arrays(self, kind: str, number: int, **arrays: np.ndarray) -> None:
        """Keep arrays that a shot is made from.

        Raises:
            SaveError: The file cannot be written.
        """
        path = self.path_of_arrays(kind, number)
        try:
            with atomic_write(path) as beside:
                np.savez(beside, **arrays)
        except OSError as error:
            raise SaveError.of(path, error) from error

    def read_arrays(self, kind: str, number: int) -> dict[str, np.ndarray] | None:
        """What was kept by `write_arrays`; None where it is missing or broken."""
        try:
            with np.load(self.path_of_arrays(kind, number), allow_pickle=False) as file:
                return dict(file)
        except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error):
            return None

    def has_picture(self, number: int) -> bool:
        """Whether a frame's picture is there, whole."""
        try:
            check_end(self.path("picture", number), PNG_END)
        except OSError:
            return False
        return True

    def finished(self, number: int) -> RawFrame | None:
        """The RawFrame of a frame that is done with all it takes, None of any other."""
        raw = self.read_raw(number) if self.has_picture(number) else None
        if raw is None or not raw.has_normals or self.path("normals", number).is_file():
            return raw
        return None

    def tidy(self) -> None:
        """Remove what processes that were killed left half written, after an hour."""
        for folder in (self.folder, self._raw):
            for path in folder.glob(".*"):
                with suppress(OSError):  # it may go meanwhile, or have to stay
                    if _UNFINISHED.fullmatch(path.name) and _is_old(path):
                        path.unlink()

    def has_depth(self, number: int, shape: tuple[int, ...]) -> bool:
        """Whether a frame's steady depth maps are there, whole and of a shape (H, W)."""
        try:
            return all(
                read_depth_exr(self.path(kind, number)).shape == shape
                for kind in ("depth", "metric")
            )
        except DepthFileError:
            return False


def _is_old(path: Path) -> bool:
    return path.stat().st_mtime < time.time() - 3600


def small_brightness(rgb: np.ndarray) -> np.ndarray:
    """A picture small and gray, for comparing frames: (H, W, 3) uint8 to (h, w) uint8."""
    height, width = rgb.shape[:2]
    step = max(1, -(-max(height, width) // _BRIGHTNESS))
    gray = rgb[: height // step * step or height, : width // step * step or width].mean(-1)
    if min(height, width) >= step:
        rows, columns = gray.shape[0] // step, gray.shape[1] // step
        gray = gray.reshape(rows, step, columns, step).mean((1, 3))
    return np.round(gray).astype(np.uint8)
