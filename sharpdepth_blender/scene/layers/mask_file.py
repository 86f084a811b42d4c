"""Mask file: a matte that another program has made, from alpha, luminance or a cryptomatte."""

import json
import os
import re
from collections.abc import Sequence

import numpy as np

from ...files import open_input
from ...geometry.masks import cryptomatte_id, matte_of
from ..errors import DepthFileError, SceneError
from ..exr import exr_channels, read_depth_exr
from ..exr_layout import LayoutError, read_parts
from ..picture import file_values

# Rec. 709.
_LUMINANCE = (0.2126, 0.7152, 0.0722)
_RANK = re.compile(r"^(?P<layer>.*?)(?P<rank>\d\d)\.(?P<channel>[rgbaRGBA]|red|green|blue|alpha)$")
_known: dict[tuple[str, int, int, tuple[str, ...]], np.ndarray] = {}


class MaskError(SceneError):
    """A mask by hand is gone, or cannot be read or used."""

    kind = "bad_mask"


def file_matte(path: str, names: Sequence[str] = ()) -> np.ndarray:
    """Read a matte from a file.

    Args:
        path: Picture, whose alpha counts if any of it is transparent, and else its luminance; or an
            EXR with a cryptomatte.
        names: Of objects, materials or assets in the cryptomatte; none for a plain picture.

    Returns:
        (H, W) float32, row 0 at the top, 0..1.

    Raises:
        MaskError: The file cannot be read, or there is no such name in it.
    """
    try:
        found = os.stat(path)
    except OSError as error:
        raise MaskError("The mask {path} cannot be read.", path=path) from error
    key = path, found.st_mtime_ns, found.st_size, tuple(names)
    if key not in _known:
        matte = _cryptomatte(path, names) if names else _plain(path)
        for old in [each for each in _known if each[0] == path and each[3] == key[3]]:
            del _known[old]
        _known[key] = matte
    return _known[key]


def cryptomatte_names(path: str) -> list[str]:
    """Names in the manifests of a cryptomatte, none where it has no manifest.

    Raises:
        MaskError: The file cannot be read.
    """
    try:
        with open_input(path) as file:
            return sorted(_manifest(file.read()))
    except (OSError, LayoutError) as error:
        raise MaskError("The mask {path} cannot be read.", path=path) from error


def _plain(path: str) -> np.ndarray:
    try:
        values = file_values(path)
    except (RuntimeError, UnicodeError) as error:
        raise MaskError("The mask {path} cannot be read.", path=path) from error
    if not values.size:
        raise MaskError("The mask {path} cannot be read.", path=path)
    if values.shape[2] == 4 and (values[..., 3] < 1).any():
        matte = values[..., 3]
    elif values.shape[2] >= 3:
        matte = values[..., :3] @ np.array(_LUMINANCE, np.float32)
    else:
        matte = values[..., 0]
    return np.clip(matte, 0, 1).astype(np.float32)


def _cryptomatte(path: str, names: Sequence[str]) -> np.ndarray:
    try:
        ranks = _ranks(exr_channels(path))
        if not ranks:
            raise MaskError("{path} holds no cryptomatte.", path=path)
        with open_input(path) as file:
            manifest = _manifest(file.read())
        unknown = [name for name in names if manifest and name not in manifest]
        if unknown:
            raise MaskError(
                "The cryptomatte {path} has no {name}, but {others}.",
                path=path,
                name=", ".join(unknown),
                others=", ".join(sorted(manifest)),
            )
        ids = [cryptomatte_id(name) for name in names]
        pairs = [(read_depth_exr(path, one), read_depth_exr(path, other)) for one, other in ranks]
    except (OSError, LayoutError, DepthFileError) as error:
        raise MaskError("The mask {path} cannot be read.", path=path) from error
    return matte_of(pairs, ids)


def _ranks(channels: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of channels with ids and coverage; those of all cryptomattes of a file."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for name in channels:
        if match := _RANK.match(name):
            key = match["layer"], match["rank"]
            found.setdefault(key, {})[match["channel"][0].lower()] = name
    pairs = []
    for key in sorted(found):
        of = found[key]
        pairs += [(of[a], of[b]) for a, b in ("rg", "ba") if a in of and b in of]
    return pairs


def _manifest(content: bytes) -> set[str]:
    """Names in the attributes `cryptomatte/.../manifest` of an EXR's headers."""
    names: set[str] = set()
    for part in read_parts(content):
        for name, data in part.attributes.items():
            if name.startswith(b"cryptomatte/") and name.endswith(b"/manifest"):
                try:
                    manifest = json.loads(data)
                except (ValueError, RecursionError):  # in a file of its own, or damaged
                    continue
                if isinstance(manifest, dict):
                    names |= manifest.keys()
    return names
