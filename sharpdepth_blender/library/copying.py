"""Import of weights from a local folder."""

import shutil
from pathlib import Path

from .catalogue import Weights
from .contents import Report, is_allowed, is_pickle
from .errors import LibraryError


def copy_files(weights: Weights, given: Path, folder: Path, report: Report) -> None:
    """Copy the files that belong to these weights, and nothing else.

    Args:
        weights: The weights to import.
        given: Source folder.
        folder: Destination folder.
        report: Called with the bytes done; may raise to cancel.

    Raises:
        LibraryError: `weights_missing`, or `refused` if there are only pickles.
    """
    missing = [file for file in weights.files if not (given / file).is_file()]
    if missing:
        # Not recursive: it may be somebody's home folder.
        there = [path.name for depth in ("*", "*/*") for path in given.glob(depth)]
        if pickles := sorted(name for name in there if is_pickle(name)):
            raise LibraryError(
                "refused",
                f"{given} lacks {missing[0]}, and {pickles[0]} was refused: loading a pickle "
                "can run arbitrary code. Only safetensors are loaded.",
            )
        raise LibraryError(
            "weights_missing", f"{given} lacks {missing[0]}, which {weights.name} requires."
        )
    names = _belonging(weights, given)
    total = sum((given / name).stat().st_size for name in names)
    done = 0
    for name in names:
        report(done, total, f"Copying {name}")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(given / name, folder / name)
        done += (given / name).stat().st_size
    report(done, total, "Checking")


def _belonging(weights: Weights, given: Path) -> list[str]:
    """Return the files to copy: the required ones, and other allowed files of a model folder."""
    names = set(weights.files)
    parts = {file.split("/")[0] for file in weights.files if "/" in file}
    if parts:
        tops = [given / name for name in ("model_index.json", "empty_prompt.safetensors")]
        inner = [
            path
            for part in (*parts, "text_encoder", "tokenizer")
            for path in (given / part).glob("*")
        ]
        for path in (*tops, *inner):
            if path.is_file() and is_allowed(path.name):
                names.add(path.relative_to(given).as_posix())
    return sorted(names)
