"""What a 360 degree camera writes into its files, as attributes or as elements."""

import numpy as np
import pytest
from PIL import Image

from sharpdepth_blender.engine.picture import read_picture

XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
    'syntax-ns#"><rdf:Description xmlns:GPano="http://ns.google.com/photos/1.0/panorama/"{0}>{1}'
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)
WHOLE = {
    "ProjectionType": "equirectangular", "FullPanoWidthPixels": "40", "FullPanoHeightPixels": "20",
    "CroppedAreaImageWidthPixels": "40", "CroppedAreaImageHeightPixels": "20",
}  # fmt: skip


@pytest.mark.parametrize("by", ["attributes", "elements"])
@pytest.mark.parametrize("ending", ["jpg", "webp", "tif"])
@pytest.mark.parametrize(
    ("changes", "around"),
    [
        ({}, True),
        ({"ProjectionType": "cylindrical"}, False),
        ({"CroppedAreaImageHeightPixels": "12"}, False),
    ],
)
def test_a_whole_panorama_is_told(by, ending, changes, around, tmp_path):
    told = WHOLE | changes
    attributes = "".join(f' GPano:{name}="{value}"' for name, value in told.items())
    elements = "".join(f"<GPano:{name}>{value}</GPano:{name}>" for name, value in told.items())
    xmp = XMP.format(*((attributes, "") if by == "attributes" else ("", elements))).encode()
    image = Image.fromarray(np.zeros((20, 40, 3), np.uint8))
    more = {"tiffinfo": {700: xmp}} if ending == "tif" else {"xmp": xmp}
    image.save(tmp_path / f"a.{ending}", **more)
    assert read_picture(tmp_path / f"a.{ending}").around is around


def test_a_file_that_says_only_the_projection_or_nothing(tmp_path):
    image = Image.fromarray(np.zeros((20, 40, 3), np.uint8))
    xmp = XMP.format(' GPano:ProjectionType="equirectangular"', "").encode()
    image.save(tmp_path / "a.jpg", xmp=xmp)
    assert read_picture(tmp_path / "a.jpg").around
    image.save(tmp_path / "b.jpg")
    assert not read_picture(tmp_path / "b.jpg").around
