"""Formats: what can be exported, each told once for buttons, panel and command line."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import bpy

from ..camera import is_panoramic_camera
from ..camera_at import camera_at
from ..errors import SceneError
from .alembic import export_alembic
from .chan import export_chan
from .choice import camera_of, cameras_of, meshes_of
from .exr import export_depth, export_exr
from .gltf import export_gltf
from .package import export_package
from .ply import export_ply
from .splats import export_splats
from .usd import USD_SUFFIXES, export_usd


@dataclass(frozen=True)
class Format:
    """A kind of file.

    Attributes:
        flag: Of the command line, without its dashes.
        suffixes: How a file's name may end, the usual ending first; an empty one of a folder.
        takes: `RESULT`, a single object; `OBJECTS`, any number of them with cameras; or `CAMERA`.
        write: Called with path, scene, objects and cameras; answers with a phrase for everything
            that the file does not hold, to come after "The file lacks". Raises SceneError.
        reduces: Whether surfaces may be written as fewer triangles; then `write` takes their
            number, or None, as `faces`.
        help: For the command line, in a terminal's words.
        operator: The end of the operator's name; empty for what has no button of its own.
        label: Of the button.
        description: Its tooltip, without a full stop.
        icon: Blender's name of it.
    """

    flag: str
    suffixes: tuple[str, ...]
    takes: str
    write: Callable[..., list[str]]
    help: str
    reduces: bool = False
    operator: str = ""
    label: str = ""
    description: str = ""
    icon: str = "NONE"

    def export(
        self,
        path: str | os.PathLike[str],
        scene: bpy.types.Scene,
        objects: Sequence[bpy.types.Object],
        cameras: Sequence[bpy.types.Object] | None = None,
        faces: int | None = None,
    ) -> list[str]:
        """Write a file.

        Args:
            path: Of it.
            scene: Of the objects.
            objects: Results and other meshes; the empty of layers stands for all of them.
            cameras: None for those that render the scene's frames and that objects were made with.
            faces: Triangles for each surface of a result or layer at most; None for what the format
                has by itself.

        Returns:
            As of `write`.

        Raises:
            SceneError: Likewise, or the format takes a single result, or cannot reduce.
        """
        if faces is not None and not self.reduces:
            raise SceneError("A file {suffix} has all faces.", suffix=self.suffixes[0])
        if self.takes != "RESULT":
            objects = meshes_of(objects)
        elif len(objects) != 1:
            raise SceneError("A file {suffix} takes one result.", suffix=self.suffixes[0])
        lacks = []
        if not cameras and self.takes != "CAMERA":
            cameras = cameras_of(scene, objects)
            if self.takes == "OBJECTS":  # else the file has no cameras
                around = [each for each in cameras if is_panoramic_camera(each)]
                cameras = [each for each in cameras if each not in around]
                lacks = [f"the camera {each.name}, which is panoramic" for each in around]
        given = {"faces": faces} if self.reduces else {}
        return [*self.write(path, scene, objects, cameras or [], **given), *lacks]

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder, not a file."""
        return self.suffixes == ("",)


def _of_result(
    export: Callable[[str | os.PathLike[str], bpy.types.Object], list[str]],
) -> Callable[..., list[str]]:
    """A `write` of what one result tells, wherever it is."""
    return lambda path, scene, objects, cameras: export(path, objects[0])


def _write_ply(
    path: str | os.PathLike[str],
    scene: bpy.types.Scene,
    objects: Sequence[bpy.types.Object],
    cameras: Sequence[bpy.types.Object],
) -> list[str]:
    return export_ply(path, scene, objects[0])


def _write_chan(
    path: str | os.PathLike[str],
    scene: bpy.types.Scene,
    objects: Sequence[bpy.types.Object],
    cameras: Sequence[bpy.types.Object],
) -> list[str]:
    if cameras:
        return export_chan(path, scene, cameras[0])
    return export_chan(path, scene, None if camera_at(scene) else camera_of(scene, objects))


def format_of(path: str | os.PathLike[str]) -> Format | None:
    """The format that a path's ending means, the longest of several; None of an unknown one.

    A folder, or a name without an ending, means a format that is a folder.
    """
    name = os.path.basename(os.fspath(path)).lower()
    if os.path.isdir(path) or "." not in name:
        return next(each for each in FORMATS if each.is_folder)
    found = {s: each for each in FORMATS for s in each.suffixes if each.operator and s}
    ending = max((suffix for suffix in found if name.endswith(suffix)), key=len, default="")
    return found.get(ending)


DEPTH = Format(
    flag="depth",
    suffixes=(".exr",),
    takes="RESULT",
    write=_of_result(export_depth),
    help="the depth alone: z-depth in meters in R, G and B, 32-bit float",
)

FORMATS = (
    DEPTH,
    Format(
        flag="exr",
        suffixes=(".exr",),
        takes="RESULT",
        write=_of_result(export_exr),
        help="layers depth.Z, metric_depth.Z and difference.Z in meters, and the picture in R, G "
        "and B, scene-linear; 32-bit float",
        operator="exr",
        label="Depth (.exr)",
        description="Write the depth that the result shows, the metric depth and their difference "
        "in meters, and the picture, as layers of a 32-bit float EXR",
        icon="FILE_IMAGE",
    ),
    Format(
        flag="ply",
        suffixes=(".ply",),
        takes="RESULT",
        write=_write_ply,
        help="points or faces with the picture's colors, binary, in meters",
        operator="ply",
        label="Points or Mesh (.ply)",
        description="Write the points or faces that the result shows as a binary PLY, with the "
        "picture's colors, in meters",
        icon="POINTCLOUD_DATA",
    ),
    Format(
        flag="usd",
        suffixes=USD_SUFFIXES,
        takes="OBJECTS",
        write=export_usd,
        reduces=True,
        help="objects and cameras, in meters, y up; pictures in the folder textures beside it, or "
        "inside .usdz",
        operator="usd",
        label="USD (.usd)",
        description="Write the result and its camera as USD in meters, with the picture in the "
        "folder textures beside it, or inside of .usdz",
        icon="MESH_DATA",
    ),
    Format(
        flag="abc",
        suffixes=(".abc",),
        takes="OBJECTS",
        write=export_alembic,
        reduces=True,
        help="objects and cameras as Alembic, in meters, y up",
        operator="alembic",
        label="Alembic (.abc)",
        description="Write the result and its camera as Alembic in meters, with its UVs",
        icon="MESH_DATA",
    ),
    Format(
        flag="gltf",
        suffixes=(".glb",),
        takes="OBJECTS",
        write=export_gltf,
        reduces=True,
        help="objects as they are at the current frame, with pictures and cameras",
        operator="gltf",
        label="glTF (.glb)",
        description="Write the result as it is now, its picture and its camera as one binary glTF "
        "in meters",
        icon="MESH_DATA",
    ),
    Format(
        flag="chan",
        suffixes=(".chan",),
        takes="CAMERA",
        write=_write_chan,
        help="the camera's path for Nuke: frame, position in meters, rotation in the order ZXY, "
        "vertical field of view; y up",
        operator="chan",
        label="Nuke Camera (.chan)",
        description="Write the path of the camera that renders each of the scene's frames as a "
        ".chan file, in meters, y up",
        icon="CAMERA_DATA",
    ),
    Format(
        flag="splats",
        suffixes=(".splat.ply",),
        takes="OBJECTS",
        write=export_splats,
        help="a 3D Gaussian for each pixel, for viewers of radiance fields; meters, y down",
        operator="splats",
        label="Gaussian Splats (.splat.ply)",
        description="Write a 3D Gaussian for each pixel of the result or the layers, as viewers of "
        "radiance fields open them, in meters, y down",
        icon="POINTCLOUD_DATA",
    ),
    Format(
        flag="package",
        suffixes=("",),
        takes="OBJECTS",
        write=export_package,
        reduces=True,
        help="a folder for compositing: an EXR and a PNG for each layer, reliefs as OBJ, USD, a "
        "Nuke script and an After Effects script",
        operator="package",
        label="Compositor Package",
        description="Write a folder with the layers, their masks, depth, reliefs and cards, the "
        "cameras, and scripts that set all of it up in Nuke and After Effects",
        icon="PACKAGE",
    ),
)
