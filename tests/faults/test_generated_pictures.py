# ruff: noqa: E501  (bytes of files)
"""Pictures changed at random: read, or refused by one sentence, in the engine's Python."""

import pytest

pytest.importorskip("hypothesis")
pytest.importorskip("PIL")
from hypothesis import given

from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.picture import read_picture
from tests.faults.conftest import assert_sentence
from tests.faults.generated import changed, quickly
from tests.faults.hostile_pictures import saved, scene

KINDS = {
    "PNG": {"icc_profile": b"x" * 200}, "JPEG": {"exif": b"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0"},
    "TIFF": {}, "GIF": {}, "BMP": {}, "WEBP": {}, "TGA": {}, "PPM": {}, "JPEG2000": {}, "AVIF": {},
}  # fmt: skip
WHOLE = {kind: saved(kind, scene(), **settings) for kind, settings in KINDS.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture(tmp_path, kind):
    path = tmp_path / "picture"

    @quickly
    @given(content=changed(WHOLE[kind]))
    def read(content):
        path.write_bytes(content)
        try:
            picture = read_picture(path)
        except EngineError as error:
            assert_sentence(error.message)
            assert error.kind in ("bad_image", "unknown_format")
        else:
            assert picture.rgb.dtype == "uint8" and min(picture.rgb.shape[:2]) >= 2

    read()
