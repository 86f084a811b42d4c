"""File types allowed in the library: safetensors and text, never executable formats."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from .errors import LibraryError

KINDS = (".safetensors", ".json", ".txt")
# Loading one of these can run arbitrary code.
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
_LONGEST_HEADER = 100_000_000  # bytes, the limit of the format
_CHUNK = 4 << 20

# Makes the files of weights of a published pickle, in a folder; may raise any error.
Convert = Callable[[Path, Path], None]
Report = Callable[[int, int | None, str], None]  # bytes done, total if known, message


def is_allowed(name: str) -> bool:
    """Whether a file of that name is ever copied, unpacked or loaded."""
    return PurePosixPath(name).suffix.lower() in KINDS


def is_pickle(name: str) -> bool:
    """Whether a file of that name is refused as a pickle."""
    return PurePosixPath(name).suffix.lower() in PICKLES


def sha256(path: Path, advance: Callable[[int], None] = lambda count: None) -> str:
    """Return the SHA-256 of a file in hex; `advance` is called with the number of bytes read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            advance(len(chunk))
    return digest.hexdigest()


def check_file(path: Path) -> None:
    """Reject a file that is incomplete or does not match its extension.

    For safetensors, checks the header: its length, its JSON, and that its tensors fill the file.

    Raises:
        LibraryError: `damaged`.
    """
    try:
        if path.suffix.lower() == ".safetensors":
            _check_safetensors(path)
        elif path.suffix.lower() == ".json":
            json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise LibraryError(
            "damaged", f"{path} is damaged or does not match its extension."
        ) from error


def _check_safetensors(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(_LONGEST_HEADER, size - 8):
            raise ValueError("the header does not fit into the file")
        header = json.loads(file.read(length))
    tensors = [entry for name, entry in header.items() if name != "__metadata__"]
    end = max((entry["data_offsets"][1] for entry in tensors), default=0)
    if end != size - 8 - length:
        raise ValueError("the tensors do not fill the file")
