"""A generation in an empty file."""

from types import SimpleNamespace

import bpy
import pytest

from sharpdepth_blender.tasks import following
from sharpdepth_blender.tasks.generate import Generation
from tests.tasks.told_engine import (
    Engine,
    shot,
)


@pytest.fixture
def registered():
    """An empty file that knows `Object.sharpdepth`."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    following.register()
    yield
    following.unregister()


@pytest.fixture
def make():
    def make_generation(options=(), **changes):
        engine = Engine()
        generation = Generation(
            engine, bpy.context.scene, shot(**changes), **{"model": "preview"} | dict(options)
        )
        return SimpleNamespace(generation=generation, jobs=engine.jobs)

    return make_generation
