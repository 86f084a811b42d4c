"""Where weights lie on this computer."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ..folders import data_folder
from .catalogue import Hub

VARIABLE = "SHARPDEPTH_MODELS"  # names the folder of the library


def default_folder(
    platform: str = sys.platform,
    environ: Mapping[str, str] = os.environ,
    home: Path | None = None,
) -> Path:
    """Folder of the library when nobody names another.

    Who has moved the Hugging Face data to another disk wants large files there, so `HF_HOME` comes
    before the platform's own place.
    """
    if named := environ.get(VARIABLE):
        return Path(os.path.abspath(Path(named).expanduser()))
    if hub := environ.get("HF_HOME"):
        return Path(os.path.abspath(Path(hub).expanduser())) / "sharpdepth"
    return data_folder(platform, environ, home) / "models"


def hub_cache(environ: Mapping[str, str] = os.environ, home: Path | None = None) -> Path:
    """Folder in which huggingface_hub keeps what any program downloads, found by its own rules."""
    home = home or Path.home()
    if named := environ.get("HF_HUB_CACHE") or environ.get("HUGGINGFACE_HUB_CACHE"):
        return Path(named).expanduser()
    if named := environ.get("HF_HOME"):
        return Path(named).expanduser() / "hub"
    base = environ.get("XDG_CACHE_HOME") or home / ".cache"
    return Path(base) / "huggingface" / "hub"


def find_snapshot(cache: Path, source: Hub, files: tuple[str, ...]) -> Path | None:
    """Folder of a repository in a hub cache, if every one of the files is in it.

    Args:
        cache: From `hub_cache`.
        source: Its revision is a commit, or a branch that the cache knows the commit of.
        files: Paths with `/`.
    """
    repository = cache / f"models--{source.repository.replace('/', '--')}"
    commit = source.revision
    reference = repository / "refs" / commit
    if reference.is_file():
        commit = reference.read_text(encoding="utf-8").strip()
    snapshot = repository / "snapshots" / commit
    return snapshot if all((snapshot / file).is_file() for file in files) else None
