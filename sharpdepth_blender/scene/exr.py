"""EXR: depth written to files of one layer, and read from files with any layers."""

import os
from collections.abc import Sequence

import bpy
import numpy as np

from ..files import atomic_write, open_input
from .errors import DepthFileError, SaveError, reason
from .exr_layout import LayoutError, Part, alone, is_plain, read_parts
from .picture import file_values, float_image
from .saving import choose_format
from .temporary import temporary_folder


def write_depth_exr(path: str | os.PathLike[str], depth: np.ndarray) -> None:
    """Write depth as a 32-bit float EXR, beside `path` first and then in its place.

    R, G and B each hold the depth, so that any program can show and read it. There is no color
    management, and values are stored bit for bit.

    Args:
        path: .exr file to write.
        depth: (H, W) meters, stored as float32.

    Raises:
        SaveError: The file cannot be written.
    """
    depth = np.asarray(depth, np.float32)
    scene = bpy.data.scenes.new("depth output")  # holds the file settings of `save_render`
    image = float_image("depth output", depth)
    try:
        settings = scene.render.image_settings
        choose_format(settings, "OPEN_EXR")
        settings.color_mode = "RGB"
        settings.color_depth = "32"
        settings.exr_codec = "ZIP"
        with atomic_write(path) as beside:
            image.save_render(str(beside), scene=scene)
            exr_channels(beside)  # Blender does not report every failed write
    except (OSError, RuntimeError, LayoutError) as error:
        raise SaveError.of(path, error) from error
    finally:
        bpy.data.images.remove(image)
        bpy.data.scenes.remove(scene)


def read_depth_exr(path: str | os.PathLike[str], channel: str | None = None) -> np.ndarray:
    """Read depth from one channel of an EXR, unchanged.

    Args:
        path: EXR with any number of layers or parts, half or full float.
        channel: Name of the channel, such as `ViewLayer.Depth.Z`, case-insensitive; None for the
            one that `depth_channel` finds.

    Returns:
        (H, W) float32 of the display window's size, row 0 at the top; 0 outside the data window.

    Raises:
        DepthFileError: The file is missing, damaged or not an EXR; or it has no such channel, or
            several of which none is recognized as depth.
    """
    try:
        with open_input(path) as file:
            content = file.read()
        parts = read_parts(content)
        named = {part.path_of(name): (part, name) for part in parts for name in part.channels}
        part, name = named[depth_channel(list(named), channel)]
        if is_plain(content, part, name):
            return _values(path, path)
        return _in_window(part, _values_of(alone(content, part, name), path))
    except LayoutError as error:
        raise DepthFileError("The depth file {path} {error}.", path=path, error=error) from error
    except OSError as error:
        raise DepthFileError(
            "The depth file {path} cannot be read: {reason}", path=path, reason=reason(error)
        ) from error


def exr_channels(path: str | os.PathLike[str]) -> list[str]:
    """Names of the channels of an EXR, with the names of parts and layers in front.

    Raises:
        LayoutError: It is not an EXR, or damaged.
        OSError: It cannot be read.
    """
    with open_input(path) as file:
        parts = read_parts(file.read())
    return [part.path_of(name) for part in parts for name in part.channels]


def depth_channel(names: Sequence[str], wanted: str | None = None) -> str:
    """Choose the channel that holds depth.

    Args:
        names: Names of all channels.
        wanted: Name that the user gave, case-insensitive.

    Returns:
        The wanted channel; else `depth.Z`, `Z`, or one in a layer whose name is or contains
        "depth"; else, in a file without layers or with a single channel, V, R, Y or the first one.

    Raises:
        LayoutError: There is no such channel.
    """
    if wanted:
        found = [name for name in names if name == wanted]
        found += [name for name in names if name.lower() == wanted.lower()]
        if not found:
            raise LayoutError(f"has no channel {wanted}, but {', '.join(names)}")
        return found[0]
    no_layers = not any("." in name for name in names)

    def rank(name: str) -> tuple[int, int]:
        *above, last = name.lower().split(".")
        known = "zvry".find(last) % 5  # others (-1) come last
        if (above, last) in ((["depth"], "z"), ([], "z"), ([], "depth")):
            return len(above) == 0, known
        if "depth" in " ".join(above):
            return 3 - ("depth" in above), known
        return (4 if no_layers or len(names) == 1 else 5), known

    best = min(names, key=rank)
    if rank(best)[0] == 5:
        raise LayoutError(
            f"has several channels; say which of them is the depth: {', '.join(names)}"
        )
    return best


def _values_of(content: bytes, called: str | os.PathLike[str]) -> np.ndarray:
    with temporary_folder() as folder:
        path = os.path.join(folder, "depth.exr")
        with open(path, "wb") as file:
            file.write(content)
        return _values(path, called)


def _values(path: str | os.PathLike[str], called: str | os.PathLike[str]) -> np.ndarray:
    """Read the first channel of a file with Blender, as (H, W) float32."""
    values = file_values(os.path.abspath(path))
    if not values.size:
        raise DepthFileError("Blender finds no picture of depth in {path}.", path=called)
    return np.ascontiguousarray(values[..., 0])


def _in_window(part: Part, values: np.ndarray) -> np.ndarray:
    """Place the values of the data window in the display window."""
    if part.data_window == part.display_window:
        return values
    left, top, right, bottom = part.display_window
    from_left, from_top = part.data_window[0] - left, part.data_window[1] - top
    whole = np.zeros((bottom - top + 1, right - left + 1), np.float32)
    place = [slice(max(0, start), max(0, start + size))
             for start, size in zip((from_top, from_left), values.shape, strict=True)]  # fmt: skip
    target = whole[tuple(place)]
    rows, columns = max(0, -from_top), max(0, -from_left)
    target[:] = values[rows : rows + target.shape[0], columns : columns + target.shape[1]]
    return whole
