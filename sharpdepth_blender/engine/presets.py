"""The models that can be asked for by name."""

from dataclasses import dataclass
from pathlib import Path

BUNDLED = Path(__file__).resolve().parents[1] / "models"


@dataclass(frozen=True)
class Preset:
    """One named model.

    Attributes:
        name: What the user types.
        folder: Where its weights lie.
        licence: Of the weights, not of the code.
        purpose: One line that helps to choose it.
    """

    name: str
    folder: Path
    licence: str
    purpose: str


PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            name="preview",
            folder=BUNDLED / "preview",
            licence="GPL-3.0-or-later",
            purpose="Bundled, offline and quick on a CPU: a first look",
        ),
    )
}
