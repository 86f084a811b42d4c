"""Sentences on panels are within the width of the region, however narrow it is."""

from types import SimpleNamespace

import pytest

from sharpdepth_blender.library import USES
from sharpdepth_blender.tasks import lens_choice, lens_notes, prepared
from sharpdepth_blender.ui.wrapped_label import draw_wrapped
from tests.ui.recorded_layout import Layout

POINTS = 11  # of Blender's labels
# Beside the text, at scale 1: tabs, margins of the panel, of a box in it and of the label, an icon.
BESIDE = 90
SENTENCES = [
    *(f"Proposed, because {use.reason}" for use in USES.values()),
    *lens_notes._TAKEN.values(),
    lens_notes._DIFFERS,
    lens_choice._PERHAPS_AROUND,
    prepared._BENT,
]


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("width", [200, 300, 450])
def test_lines_fit_and_use_the_width(width, scale):
    import blf  # which bpy brings

    preferences = SimpleNamespace(system=SimpleNamespace(ui_scale=scale))
    context = SimpleNamespace(region=SimpleNamespace(width=width * scale), preferences=preferences)
    room = (width - BESIDE) * scale
    blf.size(0, POINTS * scale)
    shares = []
    for sentence in SENTENCES:
        layout = Layout()
        draw_wrapped(layout, context, sentence, "INFO")
        lines = [call[1] for call in layout.drawn if call[0] == "label"]
        assert " ".join(lines) == sentence
        wide = [blf.dimensions(0, line)[0] / room for line in lines]
        assert max(wide) <= 1, lines[wide.index(max(wide))]
        shares += wide[:-1]
    assert sum(shares) / len(shares) > 0.6  # else there would be more lines than are needed
