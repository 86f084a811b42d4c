"""Unpacking a release: a packed folder, cut into parts, from a stranger."""

import gzip
import io
import tarfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from .contents import Report, is_allowed, is_pickle
from .errors import LibraryError

LARGEST = 20 << 30  # bytes unpacked; the paper's checkpoint has about a quarter of that
MOST_FILES = 1000
_CHUNK = 4 << 20
_PADDING = 64 << 20  # far more than any tar adds at its end
# Windows opens a device under these names, whatever the suffix.
_DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)),
}


def unpack(parts: Sequence[Path], folder: Path, report: Report) -> list[str]:
    """Unpack a diffusers folder from the parts of a .tar.gz, wherever it lies within.

    The parts are read one after another, without a joined copy. Only plain files of the kinds that
    the library loads are written; their names are made anew from checked words.

    Args:
        parts: In order.
        folder: An empty folder; receives `unet`, `vae` and so on.
        report: Told the packed bytes done; may raise to cancel.

    Returns:
        A sentence for what was left out.

    Raises:
        LibraryError: `damaged` for what is no such archive or not all of it, `refused` for one
            that reaches out of its folder, is a bomb, or has a name that not every system takes.
    """
    total = sum(part.stat().st_size for part in parts)
    left_out, written = [], {}
    try:
        with (
            _Joined(parts) as joined,
            gzip.GzipFile(fileobj=io.BufferedReader(joined)) as unpacked,
            tarfile.open(fileobj=unpacked, mode="r|") as archive,
        ):
            for number, member in enumerate(archive):
                if number >= MOST_FILES:
                    raise _refused(parts, f"holds more than {MOST_FILES} files")
                path = _check_name(member.name, parts)
                if member.isdir():
                    continue
                if not member.isreg():
                    raise _refused(parts, f"holds {member.name}, which is no plain file")
                if sum(written.values()) + member.size > LARGEST:
                    raise _refused(parts, f"unpacks to more than {LARGEST >> 30} GiB")
                if not is_allowed(path.name):
                    left_out.append(path.name)
                    continue
                key = str(path).lower()
                if key in written:
                    raise _refused(parts, f"holds {member.name} twice")
                written[key] = member.size
                _write(archive.extractfile(member), folder / path, path.name, joined, total, report)
            # gzip compares its checksum at the very end, behind what tar reads.
            for _ in range(_PADDING // _CHUNK):
                if not unpacked.read(_CHUNK):
                    break
            else:
                raise _damaged(parts, "goes on after its end")
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise _damaged(parts, "is no .tar.gz, or not all of it is there") from error
    _lift(folder, parts)
    if pickles := sorted(name for name in left_out if is_pickle(name)):
        return [f"{', '.join(pickles)} was left out: only safetensors are loaded."]
    return []


class _Joined(io.RawIOBase):
    """The bytes of several files, one after another."""

    def __init__(self, parts: Sequence[Path]):
        self._files = [part.open("rb") for part in parts]
        self._current = 0
        self.position = 0

    def readable(self):
        return True

    def readinto(self, buffer):
        while self._current < len(self._files):
            if count := self._files[self._current].readinto(buffer):
                self.position += count
                return count
            self._current += 1
        return 0

    def close(self):
        for file in self._files:
            file.close()
        super().close()


def _check_name(name: str, parts) -> PurePosixPath:
    path = PurePosixPath(name)
    words = path.parts
    harmful = (
        path.is_absolute() or ".." in words or any(set(word) & set('\\:*?"<>|\0') for word in words)
    )
    reserved = any(
        word.split(".")[0].lower() in _DEVICES or word.endswith((" ", ".")) for word in words
    )
    if harmful or reserved:
        raise _refused(parts, f"holds the name {name!r}")
    return path


def _write(source, target: Path, name: str, joined, total: int, report: Report) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        while chunk := source.read(_CHUNK):
            file.write(chunk)
            report(joined.position, total, f"Unpacking {name}")


def _lift(folder: Path, parts) -> None:
    """Bring the model's folder to the top, from wherever it was packed."""
    homes = {path.parent.parent for path in folder.rglob("unet/config.json")}
    if len(homes) != 1:
        raise _damaged(parts, f"holds {len(homes)} model folders instead of one")
    (home,) = homes
    if home == folder:
        return
    lifted = folder.with_name(f"{folder.name}.lift")
    home.rename(lifted)
    for rest in sorted(folder.rglob("*"), reverse=True):
        rest.rmdir() if rest.is_dir() else rest.unlink()
    folder.rmdir()
    lifted.rename(folder)


def _refused(parts, what: str) -> LibraryError:
    return LibraryError("refused", f"The archive {_name(parts)} {what}, and was not unpacked.")


def _damaged(parts, what: str) -> LibraryError:
    return LibraryError(
        "damaged", f"The archive {_name(parts)} {what}: remove it and get it again."
    )


def _name(parts) -> str:
    return f"{parts[0].name}" + (f" to {parts[-1].name}" if len(parts) > 1 else "")
