"""Result marks: the custom properties by which results and what was made for them are known."""

import bpy

# Of a result: its depth maps, float Non-Color images in meters.
DEPTH, METRIC_DEPTH = "sharpdepth_depth", "sharpdepth_metric_depth"
# Of a result: what its model said of the normals, a float Non-Color image in camera space.
NORMALS = "sharpdepth_normals"
# Of a result: that its depth is ray length of an equirectangular picture, all around its camera.
PANORAMA = "sharpdepth_panorama"
# Of an image: that it is a copy of ours, not the user's.
COPY = "sharpdepth_copy"
# Of an image that is a clean plate: the intrinsics of its frame, which may outgrow its layer's.
CLEAN_FRAME = "sharpdepth_clean_frame"


def is_panoramic(obj: bpy.types.Object) -> bool:
    """Whether a result is of a panorama."""
    return PANORAMA in obj.keys()
