"""A session with the add-on: generate, look, undo, cancel, preferences, another file.

blender --enable-event-simulate --python session.py -- FOLDER PICTURE
"""

import importlib
import os
import signal
import sys
import time
from pathlib import Path

import bpy
from mathutils import Vector

sys.path.insert(0, str(Path(__file__).parent))

from ui_script import Teller  # noqa: E402

bpy.context.preferences.view.show_splash = False

PACKAGE = "bl_ext.user_default.sharpdepth_blender.sharpdepth_blender"


def room(name):
    return importlib.import_module(f"{PACKAGE}.{name}")


def story(teller):
    picture = sys.argv[-1]
    queue = room("tasks.queue")
    notes = teller.notes

    def objects():
        return sorted(obj.name for obj in bpy.data.objects)

    def idle():
        return not queue.running()

    # A shot set up as a matte painter would: the plate behind the camera.
    scene = bpy.context.scene
    bpy.data.batch_remove([obj for obj in bpy.data.objects if obj.type != "CAMERA"])
    image = bpy.data.images.load(picture)
    scene.render.resolution_x, scene.render.resolution_y = image.size
    camera = scene.camera
    camera.data.lens = 28
    camera.data.show_background_images = True
    background = camera.data.background_images.new()
    background.image, background.alpha = image, 1.0
    settings = scene.sharpdepth
    settings.source = "CAMERA_BACKGROUND"
    space = teller.area("VIEW_3D").spaces.active
    space.show_region_ui = True
    # Solid: without a graphics card the other modes draw for seconds.
    space.shading.type, space.shading.color_type = "SOLID", "TEXTURE"
    space.shading.light = "FLAT"
    space.region_3d.view_perspective = "CAMERA"
    yield 0.5
    sidebar = next(r for r in teller.area("VIEW_3D").regions if r.type == "UI")
    sidebar.active_panel_category = "SharpDepth"
    with teller.over():
        bpy.ops.view3d.view_center_camera()
        bpy.ops.ed.undo_push(message="Set up")
    yield 1.0
    teller.screenshot("panel")
    before = objects()

    # The first run, undisturbed, and how long the main thread was held.
    gaps = Gaps()
    baseline = yield from gaps.measure(lambda: False, seconds=3.0)
    clocked = clock_steps(room("tasks.generate").Generation)
    with teller.over():
        started = time.monotonic()
        bpy.ops.sharpdepth.generate("INVOKE_DEFAULT")
        notes["seconds in the operator"] = time.monotonic() - started
    working = yield from gaps.measure(idle)
    notes |= {
        "picture": list(image.size),
        "longest gap, idle": baseline,
        "longest gap, working": working,
        "gaps over 60 ms": gaps.long,
        "longest step, working": max(clocked[:-1]),
        "seconds of the handover": clocked[-1],
        "problem": queue.error(),
    }
    yield 1.0
    made = objects()
    notes["made"] = made
    result = bpy.data.objects[(set(made) - set(before)).pop()]
    notes["notes"] = result.sharpdepth.notes
    teller.screenshot("result")
    space.region_3d.view_perspective = "PERSP"
    with teller.over():
        bpy.context.view_layer.objects.active = result
        result.select_set(True)
        # About a point in the room: the sky behind its window is many times as far.
        seen_by = bpy.context.scene.camera.matrix_world
        space.region_3d.view_rotation = seen_by.to_quaternion()
        space.region_3d.view_location = seen_by @ Vector((0, 0, -5))
        space.region_3d.view_distance = 9
        bpy.ops.view3d.view_orbit(angle=0.5, type="ORBITLEFT")
    yield 1.0
    teller.screenshot("beside")

    # Undo takes the whole result in one step; redo brings it back.
    space.region_3d.view_perspective = "CAMERA"
    with teller.over():
        bpy.ops.ed.undo()
    yield 0.3
    notes["after undo"] = objects() == before
    with teller.over():
        bpy.ops.ed.redo()
    yield 0.3
    notes["after redo"] = objects() == made
    with teller.over():
        bpy.ops.ed.undo()
    yield 0.3

    # A right click changes nothing, ESC cancels.
    engine = room("tasks.session").get_engine()
    stopped = engine.pid
    os.kill(stopped, signal.SIGSTOP)  # so that nothing is ready while this host still draws
    with teller.over():
        for _ in range(3):
            bpy.ops.sharpdepth.generate("INVOKE_DEFAULT")
    yield 0.5
    teller.press("RIGHTMOUSE")
    yield 0.1
    notes["running after a right click"] = len(queue.running())
    while len(queue.running()) == 3:  # the first one closes the menu of the right click
        teller.press("ESC")
        yield 0.5
    notes["running after ESC"] = len(queue.running())
    while queue.running():
        teller.press("ESC")
        yield 0.02
    notes["running after more"] = len(queue.running())
    notes["after cancel"] = objects() == before
    notes["problem after cancel"] = queue.error()

    # A fault: said on the panel and in a report.
    camera = bpy.context.scene.camera
    camera.data.type = "ORTHO"
    with teller.over():
        try:
            bpy.ops.sharpdepth.generate("INVOKE_DEFAULT")
        except RuntimeError as error:
            notes["refusal"] = str(error)
    camera.data.type = "PERSP"
    yield 0.3
    teller.screenshot("refusal")

    # The child is killed in the middle.
    with teller.over():
        bpy.ops.sharpdepth.generate("INVOKE_DEFAULT")
    # Not the stopped one, which does not answer and is ended, nor before it has the picture.
    yield lambda: engine.pid not in (None, stopped) and queue.running()[0].fraction > 0.2
    os.kill(engine.pid, signal.SIGKILL)
    yield idle
    yield 0.5
    notes["after a killed child"] = [objects() == before, queue.error()]
    teller.screenshot("killed")
    with teller.over():
        bpy.ops.sharpdepth.generate("INVOKE_DEFAULT")
    yield idle
    notes["and the next one"] = [objects() == made, queue.error()]

    # Several at once.
    with teller.over():
        for _ in range(2):
            bpy.ops.sharpdepth.generate("INVOKE_DEFAULT")
    yield lambda: queue.running()[0].fraction > 0.2
    teller.screenshot("progress")
    yield idle

    # A picture is dropped on the viewport: Blender asks what is to become of it.
    path = Path(picture)
    with teller.over():
        bpy.ops.wm.drop_import_file(
            "INVOKE_DEFAULT", directory=str(path.parent), files=[{"name": path.name}]
        )
    yield 0.5
    teller.screenshot("drop")
    teller.press("ESC")
    yield 0.3

    # The other editor, with all sub-panels open.
    for kind in room("ui.panels")._CLASSES:
        if kind.bl_space_type == "IMAGE_EDITOR" and hasattr(kind, "bl_parent_id"):
            bpy.utils.unregister_class(kind)
            kind.bl_options = set()
            bpy.utils.register_class(kind)
    result = bpy.data.objects["plate depth mesh"]
    bpy.context.view_layer.objects.active = result
    modifier_room = importlib.import_module(f"{PACKAGE}.scene.modifier")
    modifier_room.set_input(result.modifiers[0], "Far", 30.0)
    area = teller.area("VIEW_3D")
    area.type = "IMAGE_EDITOR"
    area.spaces.active.image = bpy.data.images["plate.png"]
    area.spaces.active.show_region_ui = True
    yield 0.5
    next(r for r in area.regions if r.type == "UI").active_panel_category = "SharpDepth"
    bpy.context.scene.sharpdepth.source = "IMAGE"
    yield 0.5
    teller.screenshot("image_editor")
    bpy.context.scene.sharpdepth.source = "CAMERA_BACKGROUND"
    area.type = "VIEW_3D"
    yield 0.5

    # Preferences, where there is room for them.
    bpy.ops.sharpdepth.open_preferences()
    yield 0.5
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[-1]):
        bpy.ops.wm.window_close()
    area.type = "PREFERENCES"
    yield 1.0
    teller.screenshot("preferences")
    area.type = "VIEW_3D"

    # Another file ends the child.
    pid = engine.pid
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    yield 0.5
    notes["child after another file"] = [pid, Path(f"/proc/{pid}").exists()]

    # And so does the end of Blender.
    settings = bpy.context.scene.sharpdepth
    settings.image = bpy.data.images.load(picture)
    with teller.over():
        bpy.ops.sharpdepth.generate("INVOKE_DEFAULT")
    yield lambda: queue.running()[0].fraction > 0
    notes["child at the end"] = room("tasks.session").get_engine().pid


class Gaps:
    """Time between two turns of Blender's event loop, seconds."""

    def measure(self, over, seconds=None):
        """A part of a story: wait until it is over; answers the longest gap."""
        began = last = time.monotonic()
        longest, self.long, done = 0.0, [], False

        def turn():
            nonlocal last, longest
            now = time.monotonic()
            gap, last = now - last, now
            longest = max(longest, gap)
            if gap > 0.06:
                self.long.append([round(now - began, 2), round(gap, 3)])
            return None if done else 0.001

        bpy.app.timers.register(turn)
        yield (lambda: over() or (seconds and time.monotonic() - began > seconds))
        done = True
        return longest


def clock_steps(kind):
    """Have every step of a generation timed."""
    times, step = [], kind.step

    def timed(self):
        started = time.perf_counter()
        step(self)
        times.append(time.perf_counter() - started)

    kind.step = timed
    return times


Teller(Path(sys.argv[-2])).tell(story)
