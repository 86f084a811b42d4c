"""Files that are there whole, or as they were before."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give the path of a new file beside `path` that takes its place when the block ends well.

    When the block raises, the new file is removed and `path` stays as it was. The new file keeps
    the suffix, by which many writers choose their format, and gets the permissions of the file
    that it replaces. A link is followed, not replaced.

    Args:
        path: File to be written; its folder must exist.

    Yields:
        Path in the same folder, nothing there yet.

    Raises:
        OSError: The folder is missing, `path` is a folder, or the file cannot be put in place.
    """
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(f"The folder {target.parent} does not exist.")
    if target.is_dir():
        raise IsADirectoryError(f"{target} is a folder.")
    # Of a name that no other process takes: several may write the same file.
    beside = target.with_name(f".{uuid.uuid4().hex[:12]}{target.suffix}")
    try:
        yield beside
        with suppress(OSError):  # nothing is there yet, or the file system has no permissions
            shutil.copymode(target, beside)
        os.replace(beside, target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def absolute(path: str | os.PathLike[str]) -> str:
    """The absolute path of a file or folder, as Blender takes it.

    To Blender `//` is the folder of the .blend file. A path that the system gave begins so on
    Windows alone, where it names a computer; there its slashes are turned.
    """
    path = os.path.abspath(path)
    return path if os.sep != "/" else "/" + path.lstrip("/")


def printable(text: str) -> str:
    """Text with names of files in it, as terminals and Blender take it: valid Unicode.

    A name of other bytes than UTF-8, which Python holds as lone surrogates, loses those.
    """
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
