"""The pictures `beside_*.jpg` of the documents: what a fit is worth beside the camera.

    beside.py FOLDER          (in Blender's Python; the engine's is started from it)

Each shows the same mesh 20 and 40 degrees beside its camera, in the picture's colors and in clay:
by one fit for the whole picture above, and region by region with edges below.
"""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

import bpy  # noqa: E402
import numpy as np  # noqa: E402
from mathutils import Matrix, Vector  # noqa: E402

from demo import contact_sheet  # noqa: E402
from sharpdepth_blender.geometry import Intrinsics  # noqa: E402
from sharpdepth_blender.scene import add_depth_result, show_plain_colors  # noqa: E402
from sharpdepth_blender.scene.cycles import use_cycles  # noqa: E402

DATA = REPOSITORY.parent / "shared" / "data"
IMAGES = REPOSITORY / "docs" / "images"
# Of the demo, and of photographs that only those have who fetched them. A name with `measured` is
# of the depth that was measured with it.
PHOTOGRAPHS = {
    "beside_highway": "plates/boreas_highway",
    "beside_pavilion": "plates/china_pavilion",
    "beside_desk": "tum_fr2_desk_1",
    "beside_office_measured": "tum_fr3_office",
}
_WIDTH, _SAMPLES = 396, 24
_ENGINE = """
import json, sys
import numpy as np
from pathlib import Path
sys.path.insert(0, {repository!r})
from sharpdepth_blender.engine import SharpDepth
from sharpdepth_blender.engine.picture import read_picture
given, into = json.loads(sys.argv[1]), Path(sys.argv[2])
rgb = read_picture(given["rgb"]).rgb
measured = None
if given["depth"]:
    from PIL import Image
    measured = np.asarray(Image.open(given["depth"])).astype(np.float32) * given["unit"]
model = SharpDepth.load("preview")
for fit, detail in (("global", "off"), ("local", "edges")):
    found = model.infer(rgb, given["lens"], metric_depth=measured, fit=fit, detail=detail)
    np.save(into / f"{{fit}}.npy", found.depth)
np.save(into / "rgb.npy", rgb)
(into / "lens.json").write_text(json.dumps([float(each) for each in found.intrinsics]))
"""


def make_beside(folder: Path, plate: Path, lens: tuple[float, ...]) -> list[str]:
    """Make them all, and answer with the names of those whose photographs are not here.

    Args:
        folder: For what is made on the way.
        plate: The demo's.
        lens: (fx, fy, cx, cy) of it in pixels.
    """
    _make("beside_demo", folder, {"rgb": str(plate), "depth": None, "unit": 1, "lens": lens})
    missing = []
    for name, place in PHOTOGRAPHS.items():
        found = next((DATA / place).glob("rgb.*"), None)
        if found is None:
            missing.append(name)
            continue
        facts = json.loads((DATA / place / "meta.json").read_text())
        lens = facts.get("intrinsics")
        measured = "measured" in name
        given = {
            "rgb": str(found),
            "depth": str(DATA / place / "depth.png") if measured else None,
            "unit": facts.get("depth_scale_m", 1),
            # Theirs count from the center of the first pixel.
            "lens": lens and [lens["fx"], lens["fy"], lens["cx"] + 0.5, lens["cy"] + 0.5],
        }
        _make(name, folder, given)
    return missing


def _make(name: str, folder: Path, given: dict) -> None:
    print(f"Making {name}.jpg ...", flush=True)
    into = folder / name
    into.mkdir(parents=True, exist_ok=True)
    program = _ENGINE.format(repository=str(REPOSITORY))
    python = Path(os.environ["SHARPDEPTH_ENGINE"]) / "bin" / "python"
    subprocess.run([python, "-c", program, json.dumps(given), into], check=True)
    rgb = np.load(into / "rgb.npy")
    height, width = rgb.shape[:2]
    lens = Intrinsics(*json.loads((into / "lens.json").read_text()), width, height)
    rows = []
    for fit in ("global", "local"):
        depth = np.load(into / f"{fit}.npy")
        views = [
            _view(rgb, depth, lens, angle, clay, into) for clay in (0, 1) for angle in (20, 40)
        ]
        rows.append(np.concatenate([_framed(each) for each in views], axis=1))
    sheet = into / "sheet.png"
    contact_sheet.write_beside_each_other(sheet, [np.concatenate(rows)])
    image = bpy.data.images.load(str(sheet))
    image.update()  # which reads it, before it gets another name
    image.file_format = "JPEG"
    image.save(filepath=str(IMAGES / f"{name}.jpg"), quality=90)
    bpy.data.images.remove(image)


def _view(rgb, depth, lens, angle, clay, into) -> np.ndarray:
    """The mesh from so many degrees to the right about the middle of its depth."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    obj = add_depth_result(scene, rgb, depth, depth, lens, name="plate", matrix=Matrix())
    show_plain_colors(scene)
    use_cycles(scene, _SAMPLES)
    scene.render.resolution_x = _WIDTH
    scene.render.resolution_y = round(_WIDTH * lens.height / lens.width)
    camera = bpy.data.objects.new("view", bpy.data.cameras.new("view"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    camera.data.angle = 2 * math.atan(0.5 * lens.width / lens.fx)
    camera.data.clip_end = 10 * float(depth.max())
    middle = Vector((0, 0, -float(np.median(depth[depth > 0]))))
    turn = Matrix.Rotation(math.radians(angle), 4, "Y")
    camera.matrix_world = Matrix.Translation(middle) @ turn @ Matrix.Translation(-middle)
    if clay:
        obj.data.materials.clear()
        scene.view_layers[0].material_override = bpy.data.materials.new("clay")
        sun = bpy.data.objects.new("sun", bpy.data.lights.new("sun", "SUN"))
        sun.data.energy = 3
        sun.rotation_euler = (math.radians(-35), math.radians(25), 0)
        scene.collection.objects.link(sun)
    path = into / "view.png"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    return contact_sheet.read(path)


def _framed(picture: np.ndarray) -> np.ndarray:
    return np.pad(picture, ((2, 2), (2, 2), (0, 0)), constant_values=255)
