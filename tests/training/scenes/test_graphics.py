import pytest

bpy = pytest.importorskip("bpy")

from training.scenes.graphics import has_graphics_card  # noqa: E402


def test_a_blender_that_its_graphics_end_has_no_card(monkeypatch):
    """Without any driver Blender aborts; that is an answer, and this process goes on."""
    for name in ("__EGL_VENDOR_LIBRARY_FILENAMES", "LIBGL_DRIVERS_PATH"):
        monkeypatch.setenv(name, "/dev/null")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not has_graphics_card()
