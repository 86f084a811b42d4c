"""Measuring line: overlay in the 3D viewports while measuring."""

import blf
import bpy
import gpu
from bpy_extras.view3d_utils import location_3d_to_region_2d
from gpu_extras.batch import batch_for_shader
from gpu_extras.presets import draw_circle_2d

from ...tasks.formatting import length_text

_COLOR = (1.0, 0.75, 0.1, 1.0)
_DARK = (0.0, 0.0, 0.0, 0.7)


class MeasuringLine:
    """A line between two points with its length, drawn until `remove` is called.

    Attributes:
        points: World positions of up to two points.
    """

    def __init__(self):
        self.points = []
        self._handler = bpy.types.SpaceView3D.draw_handler_add(
            self._draw, (), "WINDOW", "POST_PIXEL"
        )

    def remove(self):
        """Stop drawing."""
        if self._handler is not None:
            bpy.types.SpaceView3D.draw_handler_remove(self._handler, "WINDOW")
            self._handler = None

    def _draw(self):
        region, view = bpy.context.region, bpy.context.region_data
        places = [location_3d_to_region_2d(region, view, point) for point in self.points]
        places = [place for place in places if place is not None]  # drop points behind the view
        scale = bpy.context.preferences.system.ui_scale
        gpu.state.blend_set("ALPHA")
        if len(places) == 2:
            _line(places, 4 * scale, _DARK)
            _line(places, 2 * scale, _COLOR)
        for place in places:
            draw_circle_2d(place, _COLOR, 5 * scale)
        if len(places) == 2:
            length = (self.points[1] - self.points[0]).length
            _label((places[0] + places[1]) / 2, length_text(bpy.context.scene, length), scale)
        gpu.state.blend_set("NONE")


def _line(places, width, color):
    shader = gpu.shader.from_builtin("POLYLINE_UNIFORM_COLOR")
    shader.uniform_float("viewportSize", gpu.state.viewport_get()[2:])
    shader.uniform_float("lineWidth", width)
    shader.uniform_float("color", color)
    batch = batch_for_shader(shader, "LINES", {"pos": [(*place, 0) for place in places]})
    batch.draw(shader)


def _label(place, text, scale):
    """Draw text on a dark background, centered at a place."""
    blf.size(0, 14 * scale)
    width, height = blf.dimensions(0, text)
    left, bottom = place.x - width / 2, place.y - height / 2
    edge = 5 * scale
    (x0, y0), (x1, y1) = (left - edge, bottom - edge), (left + width + edge, bottom + height + edge)
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    shader.uniform_float("color", _DARK)
    corners = [(x0, y0, 0), (x1, y0, 0), (x1, y1, 0), (x0, y1, 0)]
    batch_for_shader(shader, "TRI_FAN", {"pos": corners}).draw(shader)
    blf.color(0, *_COLOR)
    blf.position(0, left, bottom, 0)
    blf.draw(0, text)
