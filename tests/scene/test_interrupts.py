"""Ctrl+C while Blender renders, bakes or exports ends that, and leaves nothing half made."""

import signal

import bpy
import cycles
import numpy as np
import pytest
from mathutils import Matrix

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.scene import render_view
from sharpdepth_blender.scene.export import export_gltf
from sharpdepth_blender.scene.interrupts import held_interrupts
from sharpdepth_blender.scene.move import check_move
from sharpdepth_blender.scene.projection import add_projection, bake_projection, projections_of

LENS = Intrinsics(60.0, 60.0, 24.0, 16.0, 48, 32)


@pytest.fixture(autouse=True)
def raising():
    """Ctrl+C raises, as the command line has it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def press_at():
    """Press Ctrl+C in a handler of Blender's, whose exceptions Blender prints and forgets."""

    def press(*_):
        signal.raise_signal(signal.SIGINT)

    used = []

    def at(name):
        used.append(getattr(bpy.app.handlers, name))
        used[-1].append(press)

    yield at
    for handlers in used:
        handlers.remove(press)


@pytest.fixture
def wall(scene, add_camera):
    """A wall before the scene's camera."""
    add_camera()
    scene.render.resolution_x, scene.render.resolution_y = LENS.width, LENS.height
    mesh = bpy.data.meshes.new("Wall")
    mesh.from_pydata([(-3, -3, -4), (3, -3, -4), (3, 3, -4), (-3, 3, -4)], [], [(0, 1, 2, 3)])
    mesh.uv_layers.new(name="UVMap")
    obj = bpy.data.objects.new("Wall", mesh)
    scene.collection.objects.link(obj)
    bpy.context.view_layer.update()
    return obj


def paint(scene, wall):
    picture = np.full((LENS.height, LENS.width, 3), 128, np.uint8)
    return add_projection(scene, [wall], picture, LENS, Matrix.Identity(4), name="Plate")


def there():
    return sorted(
        (block.bl_rna.identifier, block.name)
        for kind in (bpy.data.scenes, bpy.data.objects, bpy.data.images, bpy.data.materials)
        for block in kind
        if block.name not in ("Render Result", "Viewer Node")  # Blender's own
    )


def test_what_is_held_comes_at_the_end():
    done = []
    with pytest.raises(KeyboardInterrupt), held_interrupts():
        signal.raise_signal(signal.SIGINT)
        done.append(1)
    assert done
    with pytest.raises(KeyboardInterrupt), held_interrupts():
        signal.raise_signal(signal.SIGINT)
        raise RuntimeError("what Blender makes of it")


def test_who_ignores_interrupts_goes_on_ignoring_them():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with held_interrupts():
        signal.raise_signal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_what_a_projection_camera_sees(scene, wall, press_at):
    before = there()
    press_at("render_pre")
    with pytest.raises(KeyboardInterrupt):
        paint(scene, wall)
    assert there() == before and not projections_of(wall)


def test_a_bake(scene, wall, monkeypatch):
    paint(scene, wall)
    before, bake = there(), cycles.engine.bake

    def interrupted(*given):
        signal.raise_signal(signal.SIGINT)
        bake(*given)

    monkeypatch.setattr(cycles.engine, "bake", interrupted)
    with pytest.raises(KeyboardInterrupt):
        bake_projection(scene, wall, 16)
    assert there() == before


def test_a_check_of_a_move(scene, wall, press_at):
    before, shown = there(), []
    press_at("render_pre")
    with pytest.raises(KeyboardInterrupt):
        check_move(scene, [1, 2, 3], show=lambda fraction, frame: shown.append(frame))
    assert there() == before and shown == [1]


def test_a_view(scene, wall, press_at, tmp_path):
    press_at("render_pre")
    with pytest.raises(KeyboardInterrupt):
        render_view(scene, tmp_path / "view.png", samples=1)
    assert not list(tmp_path.iterdir())


def test_an_export(scene, wall, press_at, tmp_path):
    press_at("frame_change_pre")
    with pytest.raises(KeyboardInterrupt):
        export_gltf(tmp_path / "wall.glb", scene, [wall])
    assert not list(tmp_path.iterdir())
