"""A story: what a user does in a windowed Blender, step by step, beside its event loop."""

import importlib
import json
import subprocess
import time
import traceback
from pathlib import Path

import bpy

_TICK = 0.05  # seconds between two steps


class Teller:
    """Runs a story, a generator that yields where Blender is to go on by itself.

    It yields seconds to wait, or a function to wait for until it answers something true. What it
    notes is written as JSON when it ends, with a traceback where it failed.

    Args:
        folder: For screenshots and `notes.json`.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.notes = {}

    def tell(self, story) -> None:
        """Begin; Blender quits at the end."""
        steps = story(self)
        until, wanted = 0.0, None

        def step():
            nonlocal until, wanted
            try:
                if time.monotonic() < until or (wanted and not wanted()):
                    return _TICK
                answer = next(steps, "the end")
            except BaseException:
                self.notes["traceback"] = traceback.format_exc()
                answer = "the end"
            if answer == "the end":
                self._end()
                return None
            wanted = answer if callable(answer) else None
            until = 0.0 if wanted else time.monotonic() + answer
            return _TICK

        bpy.app.timers.register(step, first_interval=1.0, persistent=True)

    def screenshot(self, name: str) -> None:
        """What a person would see now, whose pointer has moved since."""
        for x in (40, 50):
            self.window.event_simulate(type="MOUSEMOVE", value="NOTHING", x=x, y=300)
        with bpy.context.temp_override(window=self.window):
            bpy.ops.wm.redraw_timer(type="DRAW_WIN_SWAP", iterations=1)
        path = self.folder / f"{name}.png"
        subprocess.run(["import", "-window", "root", path], check=True, timeout=60)

    def open_picture(self, package: str, path: str, *panels: str):
        """Begin in an empty scene with a picture, the sidebar and these sub-panels open."""
        bpy.data.batch_remove(list(bpy.data.objects))
        bpy.context.scene.sharpdepth.image = bpy.data.images.load(path)
        self.open_panels(package, *panels)
        area = self.area("VIEW_3D")
        area.spaces.active.show_region_ui = True
        yield 0.5
        sidebar = next(region for region in area.regions if region.type == "UI")
        sidebar.active_panel_category = "SharpDepth"
        yield 0.5

    @property
    def window(self):
        """The only window."""
        return bpy.context.window_manager.windows[0]

    def area(self, kind: str):
        """The largest area of a kind, as of the current screen."""
        areas = [area for area in self.window.screen.areas if area.type == kind]
        return max(areas, key=lambda area: area.width * area.height)

    def over(self, kind: str = "VIEW_3D"):
        """A context in which the pointer is over such an area."""
        area = self.area(kind)
        region = next(region for region in area.regions if region.type == "WINDOW")
        return bpy.context.temp_override(window=self.window, area=area, region=region)

    def press(self, key: str, x: int = 700, y: int = 500) -> None:
        """Press and let go of a key or mouse button."""
        for value in ("PRESS", "RELEASE"):
            self.window.event_simulate(type=key, value=value, x=x, y=y)

    def open_panels(self, package: str, *labels: str) -> None:
        """Have these sub-panels of the 3D viewport be open, which begin closed.

        Before they are drawn for the first time: then Blender keeps what they were.
        """
        kinds = importlib.import_module(f"{package}.ui.panels")._CLASSES
        inside = [
            kind
            for kind in kinds
            if kind.bl_space_type == "VIEW_3D" and hasattr(kind, "bl_parent_id")
        ]
        for kind in reversed(inside):
            bpy.utils.unregister_class(kind)
        for kind in inside:  # all of them, for a new one comes last
            if kind.bl_label in labels:
                kind.bl_options = set()
            bpy.utils.register_class(kind)

    def scroll_down(self) -> None:
        """Show the lower end of the 3D viewport's sidebar."""
        area = self.area("VIEW_3D")
        sidebar = next(region for region in area.regions if region.type == "UI")
        with bpy.context.temp_override(window=self.window, area=area, region=sidebar):
            for _ in range(40):  # a step at a time, whatever is asked
                bpy.ops.view2d.scroll_down()

    def _end(self):
        (self.folder / "notes.json").write_text(json.dumps(self.notes, indent=1))
        bpy.ops.wm.quit_blender()
