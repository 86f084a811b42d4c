"""Default locations of weights on this computer."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ..folders import data_folder
from .catalogue import Hub

VARIABLE = "SHARPDEPTH_MODELS"  # environment variable for the library folder


def default_folder(
    platform: str = sys.platform,
    environ: Mapping[str, str] = os.environ,
    home: Path | None = None,
) -> Path:
    """Return the default library folder.

    Users who have moved their Hugging Face data to another disk want large files there, so
    `HF_HOME` takes precedence over the platform default.
    """
    if named := environ.get(VARIABLE):
        return Path(os.path.abspath(Path(named).expanduser()))
    if hub := environ.get("HF_HOME"):
        return Path(os.path.abspath(Path(hub).expanduser())) / "sharpdepth"
    return data_folder(platform, environ, home) / "models"


def hub_cache(environ: Mapping[str, str] = os.environ, home: Path | None = None) -> Path:
    """Return the shared download cache of huggingface_hub, located by its own rules."""
    home = home or Path.home()
    if named := environ.get("HF_HUB_CACHE") or environ.get("HUGGINGFACE_HUB_CACHE"):
        return Path(named).expanduser()
    if named := environ.get("HF_HOME"):
        return Path(named).expanduser() / "hub"
    base = environ.get("XDG_CACHE_HOME") or home / ".cache"
    return Path(base) / "huggingface" / "hub"


def find_snapshot(cache: Path, source: Hub, files: tuple[str, ...]) -> Path | None:
    """Return the folder of a repository in a hub cache, if it contains all of the files.

    Args:
        cache: Result of `hub_cache`.
        source: Repository; its revision is a commit, or a branch whose commit is in the cache.
        files: Paths with `/`.
    """
    repository = cache / f"models--{source.repository.replace('/', '--')}"
    commit = source.revision
    reference = repository / "refs" / commit
    if reference.is_file():
        commit = reference.read_text(encoding="utf-8").strip()
    snapshot = repository / "snapshots" / commit
    return snapshot if all((snapshot / file).is_file() for file in files) else None
