"""Bytes of a saved live result beside those of its picture.

    python benchmarks/sizes.py [--data ../shared/data]

The demo, rendered, and the photographs of a folder of data where there is one, which are scaled to
1920 x 1080. Each is a PNG and goes through the engine. Beside what the file takes is what it would
take if its depth maps were packed under ZIP, or its picture were a JPEG of quality 90. Then the
photographs that are JPEGs themselves, in their own size, whose bytes the file has as they are.
Prints tables and writes benchmarks/results/sizes.json.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import bpy
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sharpdepth_blender import api  # noqa: E402
from sharpdepth_blender.geometry import exr_content  # noqa: E402
from sharpdepth_blender.process import Engine  # noqa: E402
from sharpdepth_blender.scene import blank_scene, save_blend  # noqa: E402
from sharpdepth_blender.scene.picture import has_pixels, image_values  # noqa: E402
from sharpdepth_blender.scene.saving import write_png  # noqa: E402
from training.scenes.demo import render_demo  # noqa: E402

RESULT = Path(__file__).with_name("results") / "sizes.json"
SIZE = 1920, 1080


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    arguments = parser.parse_args()
    photographs = sorted((arguments.data / "plates").glob("*/*.[jp][pn]g"))
    rows, jpegs = [], []
    with tempfile.TemporaryDirectory() as folder, Engine() as engine:
        path = Path(folder) / "demo.png"
        render_demo(path, *SIZE)
        rows.append({"picture": "demo, rendered", **measured(path, engine)})
        show(rows[-1])
        for photograph in photographs:
            scaled(photograph, path)
            rows.append({"picture": photograph.parent.name, **measured(path, engine)})
            show(rows[-1])
        print("JPEGs in their own size")
        for photograph in photographs:
            if photograph.suffix == ".jpg":
                jpegs.append({"picture": photograph.parent.name, **measured(photograph, engine)})
                show(jpegs[-1])
    report = {"pictures": rows, "jpegs": jpegs}
    RESULT.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


def scaled(photograph: Path, path: Path):
    """Write the middle of a photograph as a PNG of the size and shape that is measured."""
    image = bpy.data.images.load(str(photograph))
    values = image_values(image)[..., :3]
    height, width = values.shape[:2]
    tall, wide = min(height, width * SIZE[1] // SIZE[0]), min(width, height * SIZE[0] // SIZE[1])
    top, left = (height - tall) // 2, (width - wide) // 2
    middle = np.ones((tall, wide, 4), np.float32)
    middle[..., :3] = values[top : top + tall, left : left + wide]
    cut = bpy.data.images.new("cut", wide, tall)
    cut.pixels.foreach_set(middle[::-1].ravel())
    cut.scale(*SIZE)
    write_png(path, np.round(image_values(cut)[..., :3] * 255).astype(np.uint8))
    bpy.data.batch_remove([image, cut])


def measured(path: Path, engine: Engine) -> dict:
    """Bytes of a picture, of the depth maps of its result and of the file with both."""
    scene = blank_scene()
    obj = api.generate(str(path), scene, engine=engine)
    kept = obj.sharpdepth
    maps = {each: each.packed_file.size for each in (kept.depth, kept.metric_depth)}
    zipped = sum(len(b"".join(exr_content({"R": image_values(image)[..., 0]}))) for image in maps)
    with tempfile.TemporaryDirectory() as folder:
        blend = Path(folder, "result.blend")
        for image in bpy.data.images:
            if image.filepath and not image.packed_file:
                image.pack()
                assert image.packed_file.data == path.read_bytes()
        save_blend(blend)
        size = blend.stat().st_size
    picture = path.stat().st_size
    row = {
        "size": [*kept.depth.size],
        "bytes of the picture": picture,
        "bytes of the depth": kept.depth.packed_file.size,
        "bytes of the depth maps": sum(maps.values()),
        "bytes of the depth maps, ZIP": zipped,
        "bytes of the file": size,
        "times the picture": size / picture,
        "times the picture, ZIP": (size - sum(maps.values()) + zipped) / picture,
    }
    if path.suffix == ".png":
        jpeg = bytes_as_jpeg(path)
        row |= {"bytes of a JPEG": jpeg, "times a JPEG": (size - picture + jpeg) / jpeg}
    return row


def bytes_as_jpeg(path: Path) -> int:
    """Bytes of a picture as a JPEG of quality 90."""
    image = bpy.data.images.load(str(path))
    assert has_pixels(image)  # which are read, or its format would be the file's again
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "picture.jpg")
        image.file_format = "JPEG"
        image.save(filepath=str(file), quality=90, save_copy=True)
        assert file.read_bytes().startswith(b"\xff\xd8")
        size = file.stat().st_size
    bpy.data.images.remove(image)
    return size


def show(row: dict):
    numbers = [value for value in row.values() if isinstance(value, int | float)]
    words = [f"{each / 1e6:6.2f} MB" if each > 1000 else f"{each:5.2f}" for each in numbers]
    print(f"{row['picture']:16}", *words, flush=True)


if __name__ == "__main__":
    sys.exit(main())
