"""Draw a picture of every kind that users have; run as `draw_pictures.py DIR` by the engine."""

import os
import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.color_profiles import DISPLAY_P3, SRGB_CURVE, rgb_profile  # noqa: E402

WIDTH, HEIGHT = 72, 48


def main(folder):
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    scene = np.stack([60 + 2 * y, 90 + x, 200 - 3 * y], -1).astype(np.uint8)
    scene[18:40, 25:45] = (180, 60, 40)
    rgb = Image.fromarray(scene)

    rgb.save(folder / "plain.png")
    rgb.save(folder / "photo.jpg", quality=95, exif=exif({0x8769: {0xA405: 35}}))
    rgb.save(folder / "rotated.jpg", exif=exif({0x0112: 6}))
    rgb.convert("L").save(folder / "gray.png")
    rgb.quantize(16).save(folder / "palette.png")
    rgb.convert("CMYK").save(folder / "cmyk.jpg")
    alpha = rgb.convert("RGBA")
    alpha.putalpha(Image.fromarray((x * 3).astype(np.uint8)))
    alpha.save(folder / "alpha.png")
    Image.fromarray((scene[..., 0].astype(np.uint16)) * 257).save(folder / "sixteen_bits.png")
    frames = [rgb.quantize(64), rgb.transpose(Image.Transpose.FLIP_LEFT_RIGHT).quantize(64)]
    frames[0].save(folder / "animated.gif", save_all=True, append_images=frames[1:])
    Image.new("RGB", (WIDTH, HEIGHT), "black").save(folder / "black.png")
    Image.new("RGB", (WIDTH, HEIGHT), "white").save(folder / "white.png")
    rgb.resize((31, 97)).save(folder / "portrait.webp")
    rgb.save(folder / "phone.avif")
    rgb.save(folder / "display_p3.png", icc_profile=rgb_profile(DISPLAY_P3, SRGB_CURVE, "P3"))
    rgb.save(folder / os.fsdecode(b"caf\xe9.tif"))  # Latin-1

    photo = (folder / "photo.jpg").read_bytes()
    (folder / "truncated.jpg").write_bytes(photo[: len(photo) // 2])
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.png").write_text("This is no picture.")
    (folder / "a_folder.png").mkdir()
    rgb.resize((1, 1)).save(folder / "one_pixel.png")
    rgb.resize((1, 4000)).save(folder / "strip.png")


def exif(tags):
    data = Image.Exif()
    for tag, value in tags.items():
        if isinstance(value, dict):
            data.get_ifd(tag).update(value)
        else:
            data[tag] = value
    return data


main(Path(sys.argv[1]))
