"""Available weights and presets, from catalogue.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

BUNDLED = Path(__file__).resolve().parents[1] / "models"


@dataclass(frozen=True)
class Bundled:
    """Weights included in the add-on.

    Attributes:
        folder: Folder with the weights.
    """

    folder: Path

    def __str__(self):
        return "bundled"


@dataclass(frozen=True)
class Hub:
    """A repository on the Hugging Face hub.

    Attributes:
        repository: `owner/name`.
        revision: A commit, or a branch that the first download pins.
    """

    repository: str
    revision: str

    def __str__(self):
        return f"the Hugging Face hub, {self.repository}"


@dataclass(frozen=True)
class Release:
    """A release on GitHub: an archive, split into parts.

    Attributes:
        repository: `owner/name`.
        revision: Its tag.
        parts: File names of the parts, in order.
    """

    repository: str
    revision: str
    parts: tuple[str, ...]

    def __str__(self):
        return f"GitHub, the release {self.revision} of {self.repository}"


@dataclass(frozen=True)
class Weights:
    """One set of weights: a folder.

    Attributes:
        name: Name for the user and of the folder.
        purpose: Intended use.
        source: Source of the weights.
        files: Required files, paths with `/`.
        size: Approximate download size in bytes; 0 for bundled weights.
        license: License of the weights, not of any code.
        commercial: Whether that license allows commercial use.
        citation: Citation of the paper.
        loader: Loader of a metric estimator, a key of the engine's `estimators.LOADERS`; None for
            other weights.
        pickle: The only file that is published, if it is a pickle: `files` are made of it, and it
            is never kept.
    """

    name: str
    purpose: str
    source: Bundled | Hub | Release
    files: tuple[str, ...]
    size: int
    license: str
    commercial: bool
    citation: str
    loader: str | None = None
    pickle: str | None = None

    @property
    def published(self) -> tuple[str, ...]:
        """The files that their source has."""
        return (self.pickle,) if self.pickle else self.files


@dataclass(frozen=True)
class Preset:
    """A combination of weights.

    Attributes:
        name: Name for the user.
        purpose: Intended use.
        method: `sharpen`: G and f_D; `aligned`: f_G fitted to f_D; `metric`: f_D alone; `refine`:
            a network that refines a measured map.
        network: Name of the weights of G, f_G or that network; None for `metric`.
        estimator: Name of the weights of f_D, unless the user names another; None for `refine`.
        video: Name of the weights of a network that makes the depth of a sequence steady, to which
            f_D gives the scale; None to steady by the project's own method.
    """

    name: str
    purpose: str
    method: Literal["sharpen", "aligned", "metric", "refine"]
    network: str | None
    estimator: str | None
    video: str | None = None

    @property
    def weights(self) -> list[Weights]:
        """Return all required weights, without duplicates."""
        return self.weights_with(self.estimator)

    def weights_with(self, estimator: str | None) -> list[Weights]:
        """Return all required weights with another f_D, or with none."""
        names = dict.fromkeys(name for name in (self.network, estimator, self.video) if name)
        return [WEIGHTS[name] for name in names]


def _read_source(entry: dict) -> Bundled | Hub | Release:
    if "bundled" in entry:
        return Bundled(BUNDLED / entry["bundled"])
    if "hub" in entry:
        return Hub(entry["hub"], entry["revision"])
    return Release(entry["release"], entry["revision"], tuple(entry["parts"]))


def _read_weights(name: str, entry: dict) -> Weights:
    return Weights(
        name,
        entry["purpose"],
        _read_source(entry),
        tuple(entry["files"]),
        entry.get("size", 0),
        entry["license"],
        entry["commercial"],
        entry["citation"],
        entry.get("loader"),
        entry.get("pickle"),
    )


def _read_preset(name: str, entry: dict) -> Preset:
    parts = entry.get("network"), entry.get("estimator"), entry.get("video")
    return Preset(name, entry["purpose"], entry["method"], *parts)


_DATA = tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8"))
WEIGHTS = {name: _read_weights(name, entry) for name, entry in _DATA["weights"].items()}
PRESETS = {name: _read_preset(name, entry) for name, entry in _DATA["presets"].items()}
