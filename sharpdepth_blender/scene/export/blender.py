"""Blender: its own exporters, run so that what they write is there whole, or as it was."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy

from ...files import atomic_write, printable
from ..errors import SaveError, SceneError
from ..interrupts import held_interrupts

# What the last line of a traceback has around its words: class, number, and a file's passing name.
_ERROR = re.compile(r"^\w+: (\[Errno \d+\] )?|: '[^']*'$")


@contextmanager
def written_by_blender(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a path in an empty folder, whose content takes its place beside `path` in the end.

    Folders that an exporter makes there, of textures, are taken along first; what is in them
    replaces files of the same name.

    Args:
        path: File to be written.

    Raises:
        SaveError: The file cannot be written, or the exporter has not.
    """
    try:
        with atomic_write(path) as beside:
            folder = tempfile.mkdtemp(prefix=".", dir=beside.parent)
            try:
                inside = Path(folder, printable(Path(path).name))  # not all of them take bytes
                with held_interrupts():
                    yield inside
                if not inside.is_file() or not inside.stat().st_size:
                    raise OSError("Blender has not written it.")
                for each in Path(folder).rglob("*"):
                    if each.is_file() and each != inside:
                        target = beside.parent / each.relative_to(folder)
                        target.parent.mkdir(parents=True, exist_ok=True)
                        os.replace(each, target)
                os.replace(inside, beside)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise SaveError.of(path, error) from error
    except RuntimeError as error:
        raise SaveError.of(path, _sentence(error)) from error


def _sentence(error: Exception) -> str:
    """What an exporter says; of one that is written in Python, the last line of its traceback."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith("Location:")] or ["unknown error"]
    if "Traceback" in lines[0]:
        return _ERROR.sub("", lines[-1])
    return " ".join(lines)


def check_exporter(name: str, there: bool) -> None:
    """Raise SceneError unless this Blender has an exporter.

    Args:
        name: Of the format.
        there: Whether it is.
    """
    if not there:
        raise SceneError("This Blender cannot export {name}.", name=name)


def known(operator: Any, **settings: Any) -> dict[str, Any]:
    """Those settings that an operator of this Blender has."""
    names = operator.get_rna_type().properties.keys()
    return {name: value for name, value in settings.items() if name in names}


def check_finished(outcome: Set[str]) -> None:
    """Raise RuntimeError unless an operator says that it has finished."""
    if outcome != {"FINISHED"}:
        raise RuntimeError("Blender's exporter gave up.")


def has_build_option(name: str) -> bool:
    """Whether this Blender was built with a library."""
    return getattr(bpy.app.build_options, name, False)
