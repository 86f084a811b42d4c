"""Files: written at once or not at all, and read if they are files."""

import errno
import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give the path of a new file beside `path` that takes its place when the block ends well.

    If the block raises, the temporary file is removed and `path` is unchanged. The temporary file
    has the same suffix, by which many writers choose the format, and gets the permissions of the
    file it replaces. A symlink is followed, not replaced.

    Args:
        path: File to write; its folder must exist.

    Yields:
        Path of the temporary file in the same folder, not created yet.

    Raises:
        OSError: The folder is missing, `path` is a folder, or the file cannot be moved into place.
    """
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(f"The folder {target.parent} does not exist.")
    if target.is_dir():
        raise IsADirectoryError(f"{target} is a folder.")
    # A unique name, because several processes may write the same file.
    beside = target.with_name(f".{uuid.uuid4().hex[:12]}{target.suffix}")
    try:
        yield beside
        with suppress(OSError):  # a new file, or a file system without permissions
            shutil.copymode(target, beside)
        os.replace(beside, target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def open_input(path: str | os.PathLike[str]) -> BufferedReader:
    """Open a file that somebody named, to read its bytes.

    Raises:
        OSError: It cannot be read, or is a pipe or a device, which might never end.
    """
    if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
        raise OSError(errno.EINVAL, "It is a device or a pipe", os.fspath(path))
    return open(path, "rb")


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


# What Windows, the strictest, allows in no name of a file, and names that it keeps for itself.
_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_LONGEST = 120  # bytes, of the 255 that file systems allow


def file_stem(name: str) -> str:
    """A name of something as the name of a file without its suffix, on any system."""
    stem = _FORBIDDEN.sub("_", printable(name))
    stem = stem.encode()[:_LONGEST].decode("utf-8", "ignore").strip(" ").rstrip(".")
    return f"_{stem}" if not stem or _DEVICES.match(stem) or stem.startswith(".") else stem


def unused_path(folder: Path, stem: str, suffix: str) -> Path:
    """The path of a file that is not there yet: `stem.png`, else `stem 2.png` and so on."""
    path, number = folder / f"{stem}{suffix}", 1
    while os.path.lexists(path):
        number += 1
        path = folder / f"{stem} {number}{suffix}"
    return path


def checksum(path: str | os.PathLike[str]) -> str:
    """What tells a file's content from any other.

    Raises:
        OSError: It cannot be read.
    """
    with open_input(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
