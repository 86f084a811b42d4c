"""PLY: the vertices of a file, whatever else it holds."""

import os
from dataclasses import dataclass, field

import numpy as np

from ...files import open_input
from .errors import PointFileError, naming_unreadable

_TYPES = {
    "char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4",
    "float": "f4", "double": "f8", "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2",
    "int32": "i4", "uint32": "u4", "float32": "f4", "float64": "f8",
}  # fmt: skip
_ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
_DAMAGED = "is cut short or damaged: write it again"
_LONGEST_HEADER = 1 << 20  # bytes


@dataclass
class _Element:
    """An element of the header: its name, its count, and (name, type, type of a list's length)."""

    name: str
    count: int
    properties: list[tuple[str, str, str | None]] = field(default_factory=list)

    @property
    def has_lists(self) -> bool:
        return any(length for _, _, length in self.properties)


def read_ply(path: str | os.PathLike[str]) -> np.ndarray:
    """Read the positions of a PLY file's vertices, ascii or binary of either byte order.

    Args:
        path: Of the file.

    Returns:
        (N, 3) float64 of N >= 1, which may hold NaN and infinities.

    Raises:
        PointFileError: It cannot be read, or has no vertices with x, y and z.
    """
    with naming_unreadable(path), open_input(path) as file:
        data = file.read()
    try:
        order, elements, body = _header(path, data)
        vertices = next((each for each in elements if each.name == "vertex"), None)
        if vertices is None or not {"x", "y", "z"} <= {name for name, _, _ in vertices.properties}:
            raise PointFileError(path, "has no vertices with x, y and z")
        if not vertices.count:
            raise PointFileError(path, "holds no points")
        before = elements[: elements.index(vertices)]
        if order:
            return _binary(data, body, order, before, vertices)
        return _ascii(data[body:], before, vertices)
    except PointFileError:
        raise
    except (ValueError, IndexError, KeyError) as error:
        raise PointFileError(path, _DAMAGED) from error


def _header(path: str | os.PathLike[str], data: bytes) -> tuple[str, list[_Element], int]:
    """Byte order (empty for ascii), elements, and where their values begin."""
    end = data.find(b"end_header", 0, _LONGEST_HEADER)
    if not data.startswith(b"ply") or end < 0:
        raise PointFileError(path, "is no PLY file" if data else "is empty")
    order, elements = None, []
    for line in data[:end].decode("ascii", errors="replace").splitlines()[1:]:
        words = line.split()
        match words[:1]:
            case ["format"]:
                order = _ORDERS[words[1]]
            case ["element"]:
                elements.append(_Element(words[1], int(words[2])))
            case ["property"]:
                is_list = words[1] == "list"
                length = _TYPES[words[2]] if is_list else None
                elements[-1].properties.append((words[-1], _TYPES[words[-2]], length))
    if order is None or any(each.count < 0 for each in elements):
        raise ValueError("the header is incomplete")
    return order, elements, data.index(b"\n", end) + 1


def _ascii(body: bytes, before: list[_Element], vertices: _Element) -> np.ndarray:
    lines = [line for line in body.split(b"\n") if line.strip()]
    start = sum(each.count for each in before)
    rows = [line.split() for line in lines[start : start + vertices.count]]
    if len(rows) < vertices.count:
        raise ValueError("lines are missing")
    names = [name for name, _, _ in vertices.properties]
    columns = [names.index(axis) for axis in "xyz"]
    if vertices.has_lists:
        rows = [_without_lists(row, vertices) for row in rows]
    return np.array([[float(row[column]) for column in columns] for row in rows])


def _without_lists(row: list[bytes], element: _Element) -> list[bytes]:
    """One value for each property; of a list its length."""
    values, place = [], 0
    for _, _, length in element.properties:
        values.append(row[place])
        place += 1 + (int(row[place]) if length else 0)
    return values


def _binary(
    data: bytes, place: int, order: str, before: list[_Element], vertices: _Element
) -> np.ndarray:
    for element in before:
        if element.has_lists:
            for _ in range(element.count):
                _, place = _record(data, place, order, element)
        else:
            place += element.count * _layout(element, order).itemsize
    if not vertices.has_lists:
        values = np.frombuffer(data, _layout(vertices, order), vertices.count, place)
        return np.stack([values[axis].astype(np.float64) for axis in "xyz"], axis=-1)
    rows = []
    for _ in range(vertices.count):
        record, place = _record(data, place, order, vertices)
        rows.append([float(record[axis]) for axis in "xyz"])
    return np.array(rows)


def _layout(element: _Element, order: str) -> np.dtype:
    return np.dtype([(name, order + kind) for name, kind, _ in element.properties])


def _record(data: bytes, place: int, order: str, element: _Element) -> tuple[dict[str, float], int]:
    """The single values of the element that begins at a byte, and where the next one begins."""
    values = {}
    for name, kind, length in element.properties:
        count = 1
        if length:
            (count,) = np.frombuffer(data, order + length, 1, place).tolist()
            place += np.dtype(length).itemsize
        else:
            (values[name],) = np.frombuffer(data, order + kind, 1, place)
        place += count * np.dtype(kind).itemsize
    return values, place
