"""Run by `test_updated`: the add-on is updated while its tasks go on, in a Blender of its own.

    python update.py FOLDER

The package of the first version is in FOLDER, the one of the second in FOLDER/new.
"""

import importlib
import shutil
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

FOLDER = Path(sys.argv[1])
sys.path[:0] = [str(FOLDER), str(Path(__file__).resolve().parents[2])]

import bpy  # noqa: E402
import pytest  # noqa: E402


def switch_on():
    """The add-on as it lies there, and the functions that begin its tasks."""
    addon = importlib.import_module("sharpdepth_blender")
    assert Path(addon.__file__).parent == FOLDER / "sharpdepth_blender"
    addon.register()
    kinds = importlib.import_module("tests.faults.test_tasks_meanwhile")
    patch = pytest.MonkeyPatch()
    kinds.without_a_window(patch)
    return SimpleNamespace(
        addon=addon,
        kinds=kinds,
        session=importlib.import_module("sharpdepth_blender.tasks.session"),
        queue=importlib.import_module("sharpdepth_blender.tasks.queue"),
        patch=patch,
    )


def update(number):
    """What Blender does: switch it off, put other files there, forget its modules."""
    shutil.rmtree(FOLDER / "sharpdepth_blender")
    shutil.copytree(FOLDER / "new", FOLDER / "sharpdepth_blender")
    with open(FOLDER / "sharpdepth_blender" / "__init__.py", "a") as file:
        file.write(f"\nNUMBER = {number}\n")
    for name in [*sys.modules]:
        if name.partition(".")[0] in ("sharpdepth_blender", "tests"):
            del sys.modules[name]
    importlib.invalidate_caches()


def handlers_of_ours():
    lists = [getattr(bpy.app.handlers, name) for name in dir(bpy.app.handlers)]
    functions = [each for found in lists if isinstance(found, list) for each in found]
    return [each for each in functions if each.__module__.startswith("sharpdepth_blender")]


def main():
    for number, kind in enumerate(("filling", "updating", "checking", "installing")):
        bpy.ops.wm.read_factory_settings(use_empty=True)
        now = switch_on()
        begun = getattr(now.kinds, kind)(Path(tempfile.mkdtemp(dir=FOLDER)), now.patch)
        engine = now.session.get_engine()
        engine.start().wait()
        pid, children = engine.pid, now.kinds.children
        now.queue._step()
        assert not begun.task.over and pid in children() and handlers_of_ours()
        now.addon.unregister()
        now.patch.undo()
        assert begun.task.over and not begun.task.error, begun.task.error
        assert all(job.cancelled for job in begun.jobs)
        update(number)
        new = switch_on()
        assert new.addon.NUMBER == number and not new.queue._running
        until = time.monotonic() + 10
        while children() and time.monotonic() < until:
            time.sleep(0.02)
        assert not children()
        bpy.ops.wm.read_factory_settings(use_empty=True)
        again = new.kinds.checking(FOLDER, new.patch).task
        while new.queue._step() is not None:
            pass
        assert again.over and not again.error and "SharpDepth Check Move" in bpy.data.texts
        new.addon.unregister()
        new.patch.undo()
        assert not handlers_of_ours()
        update(number)
    print("updated four times")


main()
