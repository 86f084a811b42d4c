import os
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest

# The environment that make builds, unless the caller names another.
ENGINE = Path(__file__).resolve().parents[1] / "build" / "engine"
os.environ.setdefault("SHARPDEPTH_ENGINE", str(ENGINE))

# A shell starts what runs in its background deaf to interrupts, and children inherit that; the
# tests that interrupt one need it to listen.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def full_disk():
    """A context in which no file grows beyond so many bytes, as on a full disk."""
    resource = pytest.importorskip("resource")

    @contextmanager
    def limited_to(size):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, handler)

    return limited_to


@pytest.fixture
def addon():
    """An empty file in which the add-on is switched on."""
    import bpy

    import sharpdepth_blender

    bpy.ops.wm.read_factory_settings(use_empty=True)
    sharpdepth_blender.register()
    yield
    sharpdepth_blender.unregister()


@pytest.fixture
def scene():
    """The scene of the open file."""
    import bpy

    return bpy.context.scene
