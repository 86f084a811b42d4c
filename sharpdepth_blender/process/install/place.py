"""The environment folder: validation, locking and removal."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .console import InstallError
from .record import FILE, read_record

LOG = "install.log"
_LOCK = "install.lock"


def check_place(folder: Path, extension: Path) -> None:
    """Reject a folder that belongs to something else, or that an update would delete.

    Args:
        folder: Folder for the environment.
        extension: Folder of this extension or its repository.

    Raises:
        InstallError: With the reason.
    """
    for parent in (folder, *folder.parents):
        if all((parent / name).is_dir() for name in ("python", "scripts", "datafiles")):
            raise InstallError(f"{folder} is inside Blender, whose files must not be changed.")
        if parent.name in ("site-packages", "dist-packages"):
            raise InstallError(f"{folder} is among another Python's packages.")
    # A developer's checkout has tests, and updates do not delete it.
    if folder.is_relative_to(extension) and not (extension / "tests").is_dir():
        raise InstallError(f"{folder} is inside the extension, which updates replace.")
    if folder.exists() and not folder.is_dir():
        raise InstallError(f"{folder} is a file.")
    others = folder.is_dir() and {path.name for path in folder.iterdir()} - {_LOCK}
    if others and read_record(folder) is None:
        raise InstallError(
            f"{folder} contains files that this installer did not create; specify an empty folder."
        )


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock the folder against a second installer; the system releases the lock in any case.

    Raises:
        InstallError: Another installation is running there.
    """
    with (folder / _LOCK).open("a") as file:
        try:
            if os.name == "nt":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InstallError(f"Another installation is running in {folder}.") from error
        yield


def clear(folder: Path) -> None:
    """Remove everything from an environment folder except its record and log.

    Raises:
        InstallError: A file cannot be removed.
    """
    for path in folder.iterdir():
        if path.name in (FILE, LOG, _LOCK):
            continue
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        except OSError as error:
            raise InstallError(
                f"Cannot remove {error.filename} ({error.strerror}): close Blender and try again."
            ) from error


def remove(folder: Path) -> None:
    """Remove an environment, its record last, so that an interrupted removal can be repeated.

    Raises:
        InstallError: The folder is not ours, or a file cannot be removed.
    """
    if read_record(folder) is None:
        raise InstallError(f"{folder} was not created by this installer and was not removed.")
    clear(folder)
    for name in (LOG, _LOCK, FILE):
        (folder / name).unlink(missing_ok=True)
    folder.rmdir()


def size(folder: Path) -> int:
    """Return the total size of a folder in bytes."""
    return sum(
        os.lstat(os.path.join(parent, file)).st_size
        for parent, _, files in os.walk(folder)
        for file in files
    )
