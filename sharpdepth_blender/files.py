"""Atomic file writes."""

import os
import shutil
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def atomic_write(path):
    """Write a temporary file beside `path` and move it into place if the block succeeds.

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
