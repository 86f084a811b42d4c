"""Table: points as text, one a line, with or without names above their columns."""

import os
from collections.abc import Iterator

import numpy as np

from ...files import open_input
from .errors import PointFileError, naming_unreadable

CAMERA, PIXELS = "camera", "pixels"
_NAMES = {CAMERA: [("x", "y", "z")], PIXELS: [("u", "v", "z"), ("u", "v", "depth")]}
_SHOWN = 80  # characters of names that an error repeats
_COMMENTS = ("#", "//")  # of numpy and CloudCompare, which put the names there


def read_table(
    path: str | os.PathLike[str], points_are: str | None = None
) -> tuple[np.ndarray, str]:
    """Read points from CSV or other text, with commas, semicolons, tabs or blanks between columns.

    Names above the columns tell what these are: x, y and z, or u, v and depth (or z); others are
    left alone. Without names, the first three count. Between semicolons or tabs a decimal comma is
    one. An empty field is NaN; empty lines, and such as begin with `#` or `//`, are passed over.

    Args:
        path: Of the file.
        points_are: `camera` or `pixels`, where the names do not tell.

    Returns:
        (points, points_are): (N, 3) float64 of N >= 1, which may hold NaN and infinities, and what
        they are.

    Raises:
        PointFileError: It cannot be read, holds no points, or does not tell what they are.
    """
    columns, kind, rows, number = None, "", [], 0
    for number, line in _lines(path):
        fields = _fields(line.lstrip("#/ "))
        is_comment = line.startswith(_COMMENTS)
        if columns is None and not any(map(_is_number, fields)):
            names = [field.lower() for field in fields]
            if not is_comment or _kinds(names):
                columns, kind = _columns(path, names, points_are)
        elif not is_comment:
            if columns is None:
                columns, kind = _unnamed(path, points_are)
            rows.append(_row(path, number, fields, columns))
    if not rows:
        raise PointFileError(path, "holds no points" if number else "is empty")
    return np.array(rows), kind


def _lines(path: str | os.PathLike[str]) -> Iterator[tuple[int, str]]:
    """(number, text) of the lines that are not empty."""
    with naming_unreadable(path), open_input(path) as file:
        data = file.read()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):  # as Windows writes what it calls Unicode
        text = data.decode("utf-16", errors="replace")
    else:
        text = data.decode("utf-8-sig", errors="replace")
    if "\0" in text:
        raise PointFileError(path, "is no text: save the points as CSV or as PLY")
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield number, line.strip(" ")  # but not of tabs, which may stand for an empty field


def _fields(line: str) -> list[str]:
    """Fields of a line; a comma parts them only where neither semicolons nor tabs do."""
    separator = next((each for each in ";\t," if each in line), None)
    fields = [field.strip(" \"'") for field in line.split(separator)]
    return fields if separator in (",", None) else [field.replace(",", ".") for field in fields]


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _kinds(names: list[str]) -> dict[str, tuple[str, ...]]:
    """What the columns of these names may be: the kind, and the names of its three."""
    return {
        kind: columns
        for kind, choices in _NAMES.items()
        for columns in choices
        if set(columns) <= set(names)
    }


def _columns(
    path: str | os.PathLike[str], names: list[str], points_are: str | None
) -> tuple[tuple[int, ...], str]:
    """Where in a line the three values are, and what they are."""
    kinds = _kinds(names)
    if not kinds:
        raise PointFileError(
            path,
            f"has the columns {', '.join(names)[:_SHOWN]}, but x, y and z, or u, v and depth are "
            "needed: rename them",
        )
    if points_are is None and len(kinds) > 1:
        raise PointFileError(
            path,
            "has both x, y, z and u, v: say with --points-are camera or --points-are pixels which "
            "to take",
        )
    kind = points_are or next(iter(kinds))
    if kind not in kinds:
        raise PointFileError(
            path,
            f"has the columns {', '.join(names)[:_SHOWN]}, which are not what --points-are {kind} "
            f"says: rename them or say {next(iter(kinds))}",
        )
    return tuple(names.index(name) for name in kinds[kind]), kind


def _unnamed(path: str | os.PathLike[str], points_are: str | None) -> tuple[tuple[int, ...], str]:
    if points_are is None:
        raise PointFileError(
            path,
            "has no names above its columns: say with --points-are camera that they are x, y, z, "
            "or with --points-are pixels that they are u, v, depth",
        )
    return (0, 1, 2), points_are


def _row(
    path: str | os.PathLike[str], number: int, fields: list[str], columns: tuple[int, ...]
) -> list[float]:
    try:
        return [float(fields[column] or "nan") for column in columns]
    except (ValueError, IndexError) as error:
        raise PointFileError(path, f"does not have three numbers in line {number}") from error
