"""The mesh lies where Blender draws the picture, as `stories/under.py` sees it on screenshots."""

import json
import shutil
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
STORY = REPOSITORY / "tests" / "hosts" / "stories" / "under.py"


def test_the_mesh_lies_where_the_picture_is_drawn(installed):
    folder = REPOSITORY / "build" / "hosts" / installed.suite / "under"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    finished = installed.run(
        "blender", "--enable-event-simulate", "--window-geometry", "0", "0", "1600", "1000",
        "--python", STORY, "--", folder, gui=True,
    )  # fmt: skip
    assert (folder / "notes.json").exists(), finished.stdout + finished.stderr
    notes = json.loads((folder / "notes.json").read_text())
    assert "traceback" not in notes, notes["traceback"]
    distances = notes["distances"].values()
    assert len(distances) == 9
    print(f"{installed.suite}: {min(distances):.3f} to {max(distances):.3f} pixels of the screen")
    # Blender draws a background and a mesh a third of a pixel apart, the same in every case.
    assert max(distances) < 0.5
    assert max(distances) - min(distances) < 0.1
