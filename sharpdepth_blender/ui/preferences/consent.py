"""Consent: what a user sees before anything is downloaded."""

from textwrap import wrap

from bpy.app.translations import pgettext_rpt

from ...library import Library, Weights
from ...tasks.formatting import format_bytes
from ...tasks.prefs import get_preferences

WIDTH = 460  # pixels of a dialog, at scale 1
_LETTERS = 66  # of a line in it


def describe_license(weights: Weights) -> str:
    """The license, and in plain words what it does not allow."""
    if weights.commercial:
        return pgettext_rpt("License {name}, commercial work allowed").format(name=weights.license)
    return pgettext_rpt("License {name}, not for commercial work").format(name=weights.license)


def draw_weights_consent(layout, weights: Weights) -> None:
    """Draw what would be downloaded, from where, and under which license."""
    folder = Library(get_preferences().models or None).folder
    draw_lines(layout, f"{weights.name}: {weights.purpose}.")
    draw_lines(
        layout,
        pgettext_rpt("Downloads about {size} from {source}.").format(
            size=format_bytes(weights.size), source=weights.source
        ),
        "IMPORT",
    )
    draw_lines(layout, pgettext_rpt("Is kept in {folder}.").format(folder=folder), "FILE_FOLDER")
    icon = "CHECKMARK" if weights.commercial else "ERROR"
    draw_lines(layout, f"{describe_license(weights)}.", icon)


def draw_engine_consent(layout, place) -> None:
    """Draw what the installer would download, and where to."""
    draw_lines(
        layout,
        pgettext_rpt(
            "Downloads PyTorch and the libraries that run the models: about 1 GB on disk for the "
            "processor alone, several GB with a graphics card."
        ),
        "IMPORT",
    )
    draw_lines(
        layout,
        pgettext_rpt("Goes into {folder}; Blender's own files stay untouched.").format(
            folder=place
        ),
        "FILE_FOLDER",
    )
    draw_lines(
        layout,
        pgettext_rpt(
            "Licenses: PyTorch BSD-3-Clause, Hugging Face's libraries Apache-2.0; NVIDIA's "
            "libraries, where there is such a card, NVIDIA's own."
        ),
        "CHECKMARK",
    )


def draw_lines(layout, text: str, icon: str = "BLANK1") -> None:
    """Write a sentence in as many lines as a dialog needs."""
    column = layout.column(align=True)
    column.scale_y = 0.8
    for number, line in enumerate(wrap(text, _LETTERS, break_on_hyphens=False)):
        column.label(text=line, icon="BLANK1" if number else icon, translate=False)
