import pytest

bpy = pytest.importorskip("bpy")


@pytest.fixture(autouse=True)
def empty_file():
    """Each test starts in an empty file with factory settings."""
    bpy.ops.wm.read_factory_settings(use_empty=True)


@pytest.fixture
def add_camera(scene):
    """Add a camera to the scene; keywords are settings of its data."""

    def add(**settings):
        data = bpy.data.cameras.new("Camera")
        for key, value in settings.items():
            setattr(data, key, value)
        camera = bpy.data.objects.new("Camera", data)
        scene.collection.objects.link(camera)
        scene.camera = camera
        return camera

    return add
