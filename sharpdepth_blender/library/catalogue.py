"""Available weights and presets, from catalogue.toml, and what was measured of them."""

import json
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
class Measured:
    """What a model took for one picture of 768 by 512 pixels, by `benchmarks/models.py`.

    Attributes:
        seconds: Of one processor core, all threads together.
        memory: The most bytes that the process had, which PyTorch is part of.
    """

    seconds: float
    memory: int


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
        converter: What reads that pickle, a key of the engine's `estimators.CONVERTERS`.
        gives: What a metric estimator finds besides depth: `sky`, `normals`, `lens`.
        camera: What a known camera does to its depth, a key of `CAMERAS`; None for other weights.
        figures: Published figures with their source; empty if none are known.
        inpaints: Whether it is an inpainting model, for what layers show where nothing was seen.
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
    converter: str | None = None
    gives: tuple[str, ...] = ()
    camera: str | None = None
    figures: str = ""
    inpaints: bool = False

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
        figures: As of `Weights`.
        video: Name of the weights of a network that makes the depth of a sequence steady, to which
            f_D gives the scale; None to steady by the project's own method.
    """

    name: str
    purpose: str
    method: Literal["sharpen", "aligned", "metric", "refine"]
    network: str | None
    estimator: str | None
    figures: str = ""
    video: str | None = None

    @property
    def weights(self) -> list[Weights]:
        """Return all required weights, without duplicates."""
        return self.weights_with(self.estimator)

    def weights_with(self, estimator: str | None) -> list[Weights]:
        """Return all required weights with another f_D, or with none."""
        names = dict.fromkeys(name for name in (self.network, estimator, self.video) if name)
        return [WEIGHTS[name] for name in names]


@dataclass(frozen=True)
class Use:
    """What somebody has before him, and what is proposed for it.

    Attributes:
        name: Identifier.
        label: Name in the panel.
        preset: Name of the preset.
        estimator: Name of another f_D than the preset's; None for its own.
        map: Whether a measured map takes the place of f_D.
        reason: Why, as the rest of a sentence that begins with the preset.
    """

    name: str
    label: str
    preset: str
    reason: str
    estimator: str | None = None
    map: bool = False

    @property
    def weights(self) -> list[Weights]:
        """Return all required weights."""
        preset = PRESETS[self.preset]
        return preset.weights_with(None if self.map else self.estimator or preset.estimator)


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
        entry.get("converter"),
        tuple(entry.get("gives", ())),
        entry.get("camera"),
        entry.get("figures", ""),
        entry.get("inpaints", False),
    )


def _read_preset(name: str, entry: dict) -> Preset:
    parts = entry.get("network"), entry.get("estimator")
    more = entry.get("figures", ""), entry.get("video")
    return Preset(name, entry["purpose"], entry["method"], *parts, *more)


_DATA = tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8"))
WEIGHTS = {name: _read_weights(name, entry) for name, entry in _DATA["weights"].items()}
PRESETS = {name: _read_preset(name, entry) for name, entry in _DATA["presets"].items()}
USES = {name: Use(name, **entry) for name, entry in _DATA["uses"].items()}
# The model that fills layers where the user names none.
(INPAINTER,) = (each for each in WEIGHTS.values() if each.inpaints)
# License -> what it permits and asks, in plain words.
LICENSES: dict[str, str] = _DATA["licenses"]
# What a known camera does to the depth of a metric estimator.
CAMERAS = {
    "input": "is seen by the network",
    "scale": "scales the depth",
    "lens": "fixes the lens to which its points are fitted",
    "ignored": "does nothing",
}

_MEASURED = json.loads(Path(__file__).with_name("measured.json").read_text(encoding="utf-8"))
# Weights and presets by name; those that are not there have not been measured.
MEASURED = {name: Measured(**entry) for name, entry in _MEASURED["models"].items()}
