"""Consent: information shown before a download."""

from textwrap import wrap

from bpy.app.translations import pgettext_rpt

from ...library import Library, Weights
from ...tasks.formatting import format_bytes
from ...tasks.prefs import get_preferences

WIDTH = 460  # width of a dialog in pixels, at scale 1
_LETTERS = 66  # characters per line in it


def describe_license(weights: Weights) -> str:
    """Return the license and whether it allows commercial use."""
    if weights.commercial:
        return pgettext_rpt("License {name}, commercial use allowed").format(name=weights.license)
    return pgettext_rpt("License {name}, not for commercial use").format(name=weights.license)


def draw_weights_consent(layout, weights: Weights) -> None:
    """Draw what will be downloaded, its source and license."""
    folder = Library(get_preferences().models or None).folder
    draw_lines(layout, f"{weights.name}: {weights.purpose}.")
    draw_lines(
        layout,
        pgettext_rpt("Downloads about {size} from {source}.").format(
            size=format_bytes(weights.size), source=weights.source
        ),
        "IMPORT",
    )
    draw_lines(layout, pgettext_rpt("Stored in {folder}.").format(folder=folder), "FILE_FOLDER")
    icon = "CHECKMARK" if weights.commercial else "ERROR"
    draw_lines(layout, f"{describe_license(weights)}.", icon)


def draw_engine_consent(layout, place) -> None:
    """Draw what the installer will download, and its destination."""
    draw_lines(
        layout,
        pgettext_rpt(
            "Downloads PyTorch and the libraries that run the models: about 1 GB on disk for CPU "
            "only, several GB with GPU support."
        ),
        "IMPORT",
    )
    draw_lines(
        layout,
        pgettext_rpt("Installed in {folder}; Blender's own files are not changed.").format(
            folder=place
        ),
        "FILE_FOLDER",
    )
    draw_lines(
        layout,
        pgettext_rpt(
            "Licenses: PyTorch BSD-3-Clause, Hugging Face libraries Apache-2.0; NVIDIA libraries, "
            "if there is an NVIDIA card, NVIDIA's own."
        ),
        "CHECKMARK",
    )


def draw_lines(layout, text: str, icon: str = "BLANK1") -> None:
    """Draw a sentence, wrapped to the width of a dialog."""
    column = layout.column(align=True)
    column.scale_y = 0.8
    for number, line in enumerate(wrap(text, _LETTERS, break_on_hyphens=False)):
        column.label(text=line, icon="BLANK1" if number else icon, translate=False)
