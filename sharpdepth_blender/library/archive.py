"""Safe unpacking of a release: an untrusted archive, split into parts."""

import gzip
import io
import tarfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from .contents import Report, is_allowed, is_pickle
from .errors import LibraryError

LARGEST = 20 << 30  # maximum unpacked bytes; the paper's checkpoint has about a quarter of that
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
    """Unpack a diffusers folder, wherever it is inside the .tar.gz, from the parts of the archive.

    The parts are read in sequence, without a joined copy. Only regular files of types that the
    library loads are written, under names rebuilt from validated components.

    Args:
        parts: Parts in order.
        folder: An empty folder; receives `unet`, `vae` and so on.
        report: Called with the packed bytes done; may raise to cancel.

    Returns:
        Sentences about skipped files.

    Raises:
        LibraryError: `damaged` for a broken or incomplete archive, `refused` for one that escapes
            its folder, is a decompression bomb, or has names that some systems do not support.
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
                    raise _refused(parts, f"contains more than {MOST_FILES} files")
                path = _check_name(member.name, parts)
                if member.isdir():
                    continue
                if not member.isreg():
                    raise _refused(parts, f"contains {member.name}, which is not a regular file")
                if sum(written.values()) + member.size > LARGEST:
                    raise _refused(parts, f"unpacks to more than {LARGEST >> 30} GiB")
                if not is_allowed(path.name):
                    left_out.append(path.name)
                    continue
                key = str(path).lower()
                if key in written:
                    raise _refused(parts, f"contains {member.name} twice")
                written[key] = member.size
                _write(archive.extractfile(member), folder / path, path.name, joined, total, report)
            # gzip verifies its checksum at the very end, after the part that tar reads.
            for _ in range(_PADDING // _CHUNK):
                if not unpacked.read(_CHUNK):
                    break
            else:
                raise _damaged(parts, "has trailing data")
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise _damaged(parts, "is not a .tar.gz or is incomplete") from error
    _lift(folder, parts)
    if pickles := sorted(name for name in left_out if is_pickle(name)):
        return [f"{', '.join(pickles)} was skipped: only safetensors are loaded."]
    return []


class _Joined(io.RawIOBase):
    """Concatenation of several files as one stream."""

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
        raise _refused(parts, f"contains the name {name!r}")
    return path


def _write(source, target: Path, name: str, joined, total: int, report: Report) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        while chunk := source.read(_CHUNK):
            file.write(chunk)
            report(joined.position, total, f"Unpacking {name}")


def _lift(folder: Path, parts) -> None:
    """Move the model folder to the top level."""
    homes = {path.parent.parent for path in folder.rglob("unet/config.json")}
    if len(homes) != 1:
        raise _damaged(parts, f"contains {len(homes)} model folders instead of one")
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
    return LibraryError("refused", f"The archive {_name(parts)} {what} and was not unpacked.")


def _damaged(parts, what: str) -> LibraryError:
    return LibraryError(
        "damaged", f"The archive {_name(parts)} {what}: remove it and download it again."
    )


def _name(parts) -> str:
    return f"{parts[0].name}" + (f" to {parts[-1].name}" if len(parts) > 1 else "")
