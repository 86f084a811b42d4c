"""Request dataclasses as messages with arrays beside them, and back again.

A request names its messages in `TYPE`. Its fields whose type says `np.ndarray` are arrays, the
others are JSON values.
"""

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import TypeVar, get_args, get_type_hints

import numpy as np

from .errors import JobError

_ENVELOPE = {"type", "id", "folder"}  # of a message, whatever it asks
_Kind = TypeVar("_Kind")


def to_message(request) -> tuple[dict, dict[str, np.ndarray]]:
    """A request as the values of a message and copies of its arrays; none for an array of None.

    Raises:
        TypeError: An array does not hold numbers.
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
                raise TypeError(f"`{field.name}` is not an array of numbers")
    return message, arrays


def from_message(kind: type[_Kind], message: dict, load: Callable[[str], np.ndarray]) -> _Kind:
    """The request in a message.

    Args:
        kind: Its dataclass.
        message: Each array by its file's name.
        load: Reads the array of a file.

    Raises:
        JobError: `bad_message`, when it has a field that the dataclass lacks, or lacks one that
            has no default; and what `load` raises.
    """
    known = {field.name: field.default is MISSING for field in fields(kind)}
    values = {name: value for name, value in message.items() if name not in _ENVELOPE}
    if unknown := values.keys() - known:
        names = ", ".join(sorted(unknown))
        raise JobError("bad_message", f"The engine was asked for what it does not know: {names}.")
    if missing := {name for name, needed in known.items() if needed} - values.keys():
        names = ", ".join(sorted(missing))
        raise JobError("bad_message", f"The engine was asked without: {names}.")
    for name in _array_fields(kind) & values.keys():
        values[name] = load(values[name])
    return kind(**values)


def _array_fields(kind) -> set[str]:
    hints = get_type_hints(kind)
    return {name for name, hint in hints.items() if np.ndarray in (hint, *get_args(hint))}
