"""Conversion of request dataclasses to messages with separate arrays, and back.

`TYPE` of a request is its message type. Fields annotated with `np.ndarray` are arrays, the others
are JSON values.
"""

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import TypeVar, get_args, get_type_hints

import numpy as np

from .errors import JobError

_ENVELOPE = {"type", "id", "folder"}  # fields of every message
_Kind = TypeVar("_Kind")


def to_message(request) -> tuple[dict, dict[str, np.ndarray]]:
    """Convert a request to message fields and copies of its arrays, omitting arrays of None.

    Raises:
        TypeError: An array is not numeric.
    """
    arrays = {}
    message = {"type": request.TYPE}
    are_arrays = _array_fields(type(request))
    for field in fields(request):
        value = getattr(request, field.name)
        if field.name not in are_arrays:
            message[field.name] = value
        elif value is not None:
            array = arrays[field.name] = np.array(value)
            if array.dtype.hasobject:
                raise TypeError(f"`{field.name}` is not a numeric array")
    return message, arrays


def from_message(kind: type[_Kind], message: dict, load: Callable[[str], np.ndarray]) -> _Kind:
    """Convert a message to a request.

    Args:
        kind: Dataclass of the request.
        message: The message, with arrays given by file name.
        load: Reads an array from a file.

    Raises:
        JobError: `bad_message`, if it has an unknown field or lacks a required one; also errors
            from `load`.
    """
    known = {field.name: field.default is MISSING for field in fields(kind)}
    values = {name: value for name, value in message.items() if name not in _ENVELOPE}
    if unknown := values.keys() - known:
        names = ", ".join(sorted(unknown))
        raise JobError("bad_message", f"The request to the engine has unknown fields: {names}.")
    if missing := {name for name, needed in known.items() if needed} - values.keys():
        names = ", ".join(sorted(missing))
        raise JobError("bad_message", f"The request to the engine lacks fields: {names}.")
    for name in _array_fields(kind) & values.keys():
        values[name] = load(values[name])
    return kind(**values)


def _array_fields(kind) -> set[str]:
    hints = get_type_hints(kind)
    return {name for name, hint in hints.items() if np.ndarray in (hint, *get_args(hint))}
