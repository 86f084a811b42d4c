"""Pictures in colors of other profiles arrive in sRGB."""

import numpy as np
import pytest
from PIL import ExifTags, Image

from sharpdepth_blender.engine.picture import read_picture
from tests.color_profiles import (
    ADOBE_CURVE,
    ADOBE_RGB,
    DISPLAY_P3,
    SRGB,
    SRGB_CURVE,
    cmyk_profile,
    gray_profile,
    rgb_profile,
)

SHADES = np.random.default_rng(0).integers(0, 256, (8, 12, 3), dtype=np.uint8)


# 230, 40, 30 in sRGB by littleCMS itself and by the matrices of CSS Color 4, clipped.
@pytest.mark.parametrize(
    ("primaries", "curve", "expected"),
    [
        (DISPLAY_P3, SRGB_CURVE, (252, 0, 0)),
        (ADOBE_RGB, ADOBE_CURVE, (255, 36, 25)),
        (SRGB, SRGB_CURVE, (230, 40, 30)),
    ],
)
@pytest.mark.parametrize("suffix", ["png", "tif", "jpg", "webp"])
def test_colors_of_a_profile_arrive_in_srgb(tmp_path, primaries, curve, expected, suffix):
    path = tmp_path / f"wide.{suffix}"
    settings = {"jpg": {"quality": 100}, "webp": {"lossless": True}}.get(suffix, {})
    profile = rgb_profile(primaries, curve, "Wide")
    Image.new("RGB", (16, 16), (230, 40, 30)).save(path, icc_profile=profile, **settings)
    picture = read_picture(path)
    assert np.abs(picture.rgb[8, 8].astype(int) - expected).max() <= 2
    assert picture.converted == (primaries != SRGB)
    assert picture.notes == (
        ["The colors of wide." + suffix + " were converted from Wide to sRGB."]
        if picture.converted
        else []
    )


def test_a_profile_counts_under_transparency_and_turned(tmp_path):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    alpha = np.full((8, 12, 1), 255, np.uint8)
    alpha[0] = 0
    rgba = np.concatenate([np.full((8, 12, 3), (230, 40, 30), np.uint8), alpha], 2)
    profile = rgb_profile(DISPLAY_P3, SRGB_CURVE, "P3")
    Image.fromarray(rgba).save(tmp_path / "cut.png", icc_profile=profile, exif=exif)
    picture = read_picture(tmp_path / "cut.png")
    assert picture.rgb.shape == (12, 8, 3) and picture.turned and picture.converted
    assert not picture.rgb[:, -1].any() and picture.rgb[0, 0, 0] in (251, 252)


@pytest.mark.parametrize("profile", [b"", b"nonsense" * 40])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK", "P", "1"])
def test_a_broken_profile_is_a_note(tmp_path, profile, mode):
    plain, broken = tmp_path / "plain.tif", tmp_path / "broken.tif"
    image = Image.fromarray(SHADES).convert(mode)
    image.save(plain)
    image.save(broken, icc_profile=profile)
    picture = read_picture(broken)
    np.testing.assert_array_equal(picture.rgb, read_picture(plain).rgb)
    assert picture.notes == (
        ["The color profile of broken.tif cannot be read and was ignored."] if profile else []
    )


def test_a_profile_of_other_channels_than_the_picture_is_a_note(tmp_path):
    profile = rgb_profile(DISPLAY_P3, SRGB_CURVE, "P3")
    Image.fromarray(SHADES[..., 0]).save(tmp_path / "gray.png", icc_profile=profile)
    picture = read_picture(tmp_path / "gray.png")
    np.testing.assert_array_equal(picture.rgb[..., 0], SHADES[..., 0])
    assert "was ignored" in picture.notes[0]


@pytest.mark.parametrize("mode", ["L", "LA", "I;16", "P", "1"])
def test_a_profile_of_grays(tmp_path, mode):
    """By a tone curve of 1.8, as Apple's screens once had, 100 is sRGB's 89 (by both formulas)."""
    gray = Image.new("L", (12, 8), 100 if mode != "1" else 255)
    image = Image.fromarray(np.full((8, 12), 100 * 257, np.uint16)) if mode == "I;16" else gray
    image = image if mode in ("I;16", "L") else image.convert(mode)
    image.save(tmp_path / "gray.tif", icc_profile=gray_profile(1.8, "Gray 1.8"))
    picture = read_picture(tmp_path / "gray.tif")
    linear = (100 / 255) ** 1.8
    expected = 255 * (1.055 * linear ** (1 / 2.4) - 0.055) if mode != "1" else 255
    assert np.abs(picture.rgb.astype(float) - expected).max() <= 2
    assert picture.converted
    assert picture.notes == ["The colors of gray.tif were converted from Gray 1.8 to sRGB."]


# L*a*b* of printed inks and what it is in sRGB (CIE 15, Bradford from D50, IEC 61966-2-1).
INKS = {
    (0, 0, 0, 0): ((100, 0, 0), (255, 255, 255)),
    (1, 0, 0, 0): ((62, -31, -48), (0, 165, 232)),
    (0, 1, 1, 0): ((52, 63, 41), (224, 62, 58)),
    (0, 0, 0, 1): ((0, 0, 0), (0, 0, 0)),
}


@pytest.mark.parametrize("suffix", ["jpg", "tif"])
@pytest.mark.parametrize("ink", INKS)
def test_a_profile_of_inks(tmp_path, ink, suffix):
    def colors(*inks):
        light = 0 if inks[3] else 50
        return INKS[inks][0] if inks in INKS else (light, 0, 0)

    path = tmp_path / f"print.{suffix}"
    image = Image.new("CMYK", (16, 16), tuple(255 * each for each in ink))
    settings = {"quality": 100} if suffix == "jpg" else {}
    image.save(path, icc_profile=cmyk_profile(colors, "Press"), **settings)
    picture = read_picture(path)
    assert np.abs(picture.rgb[8, 8].astype(int) - INKS[ink][1]).max() <= 6
    assert picture.converted and "from Press to sRGB" in picture.notes[0]


def test_colors_in_lab(tmp_path):
    lab = Image.merge("LAB", [Image.new("L", (12, 8), value) for value in (158, 225, 215)])
    lab.save(tmp_path / "lab.tif")
    picture = read_picture(tmp_path / "lab.tif")
    assert picture.rgb.shape == (8, 12, 3) and picture.converted
