"""Package: layers, cards, cameras and scripts for compositing programs, in one folder."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import bpy
import numpy as np

from ...files import checksum, printable
from ...geometry import write_exr
from ...geometry.exr import Attribute
from ...geometry.obj_file import write_obj
from ..camera_at import camera_cuts
from ..errors import SaveError
from ..exr_layout import LayoutError
from ..interrupts import held_interrupts
from .after_effects import after_effects_script
from .exr import color_attributes, lens_attributes
from .grid import decimated_mesh
from .layer_picture import layer_texture, shows_layer
from .nuke import FAR, NEAR, nuke_script
from .path import Pose, camera_path, frames_of, rendered_path, y_up
from .pictures import image_now, picture_of, write_texture
from .sheet import Sheet, file_stems, sheets_of
from .usd import write_usd

# Lists the files of a package with their checksums, by which it is known who wrote them.
_LIST = "package.json"
# Sensor of the cameras that project, in millimeters.
_SENSOR = 36.0
_COMMENTS = (
    "R, G, B: scene-linear, premultiplied by A. mask.A: the share of the plate's own pixels that "
    "this layer shows; those of all layers add up to 1. depth.Z: z-depth in meters along the "
    "optical axis, 0 where nothing is. The display window is the plate. Matrices: y up, meters."
)


def export_package(
    path: str | os.PathLike[str],
    scene: bpy.types.Scene,
    objects: Sequence[bpy.types.Object],
    cameras: Sequence[bpy.types.Object] = (),
    faces: int | None = None,
) -> list[str]:
    """Write a folder with all that a compositing program needs of results and layers.

        layers/NAME.exr    R, G, B, A, mask.A (half) and depth.Z (float); the display window is the
                           plate, the data window goes on as far as the layer does
        layers/NAME.png    the same as it is seen, straight alpha
        geometry/NAME.obj  each relief, y up, in meters
        FOLDER.usdc        reliefs, cards and cameras, with pictures in textures/
        FOLDER.nk          a Nuke script, as of `nuke_script`
        FOLDER.jsx         an After Effects script, as of `after_effects_script`
        package.json       the checksums of all these files

    All is as at the current frame, but for the camera that renders, which has all of the scene's
    frames. Files of an earlier package are replaced unless somebody has changed them.

    Args:
        path: Folder to write; its own folder must be there.
        scene: Of them all.
        objects: Results and layers; other meshes are in the USD file only.
        cameras: The first one renders, where markers do not switch it; all are in the USD file.
        faces: So many triangles for each relief at most; None for as few as keep every pixel within
            a quarter of a pixel of where it is seen.

    Returns:
        Phrases about what the files do not hold.

    Raises:
        SceneError: There is no result or layer, or an object is no mesh or has no faces.
        CameraError: A camera is no perspective one.
        SaveError: The folder cannot be written, or a file in it was changed by somebody else.
    """
    try:
        sheets = sheets_of(scene, objects, faces)
        with held_interrupts(), _package_folder(Path(path)) as folder:
            return _write(folder, scene, objects, cameras, sheets)
    except (OSError, RuntimeError, LayoutError, SaveError) as error:
        raise SaveError.of(path, error) from error  # not of a file in the folder that is gone


def _write(
    folder: Path,
    scene: bpy.types.Scene,
    objects: Sequence[bpy.types.Object],
    cameras: Sequence[bpy.types.Object],
    sheets: Sequence[Sheet],
) -> list[str]:
    (folder / "layers").mkdir()
    lacks = [sheet.lacks for sheet in sheets if sheet.lacks]
    for sheet in sheets:
        _write_exr(folder / "layers" / f"{sheet.stem}.exr", sheet)
        _write_picture(scene, sheet, folder / "layers" / sheet.stem)
        if sheet.relief is not None:
            (folder / "geometry").mkdir(exist_ok=True)
            x, y, z = sheet.points().T
            write_obj(
                folder / "geometry" / f"{sheet.stem}.obj",
                np.stack([x, z, -y], -1),
                sheet.relief.uvs,
                sheet.relief.triangles,
            )
    projectors = _projectors(scene, sheets)
    shot = _shot(scene, cameras) or projectors[:1]
    (name,) = file_stems([folder.name])
    fps = scene.render.fps / scene.render.fps_base
    size = shot[0].intrinsics
    nuke = nuke_script(sheets, shot, size, fps, projectors[0].lens)
    (folder / f"{name}.nk").write_text(nuke, "ascii", newline="\n")
    script = after_effects_script(printable(folder.name), sheets, shot, size, fps)
    (folder / f"{name}.jsx").write_text(script, "ascii", newline="\n")
    others = {obj.name for obj in objects} - {sheet.obj.name for sheet in sheets}
    if others:
        names = ", ".join(sorted(others))
        lacks.append(f"{names} in Nuke and After Effects, for lack of a picture")
    reliefs = [sheet.obj.name for sheet in sheets if sheet.relief is not None]
    if reliefs:
        lacks.append(f"the relief of {', '.join(reliefs)} in After Effects, where it is a card")
    return [
        *lacks,
        *_write_usd(folder / f"{name}.usdc", scene, objects, cameras, sheets, projectors),
    ]


def _write_exr(path: Path, sheet: Sheet) -> None:
    alpha = sheet.light[..., 3]
    channels: dict[str, np.ndarray] = {
        name: (sheet.light[..., number] * alpha).astype(np.float16)
        for number, name in enumerate("RGB")
    }
    channels |= {
        "A": alpha.astype(np.float16),
        "mask.A": sheet.mask.astype(np.float16),
        "depth.Z": sheet.depth,
    }
    plate = sheet.plate
    attributes: dict[str, Attribute] = {
        "comments": _COMMENTS,
        **lens_attributes(plate),
        **color_attributes(),
        **_matrices(sheet),
    }
    write_exr(
        path, channels, pixel_aspect=plate.fy / plate.fx, attributes=attributes, frame=sheet.frame
    )


def _matrices(sheet: Sheet) -> dict[str, Attribute]:
    """The camera, as OpenEXR's standard attributes have it: for row vectors, looking along +z."""
    k = sheet.plate
    to_camera = np.diag([1.0, 1.0, -1.0, 1.0]) @ np.linalg.inv(np.array(y_up(sheet.matrix)))
    span = FAR / (FAR - NEAR)
    to_frame = np.array(
        [
            [k.fx / k.width, 0, k.cx / k.width, 0],
            [0, -k.fy / k.height, k.cy / k.height, 0],
            [0, 0, span, -NEAR * span],
            [0, 0, 1, 0],
        ]
    )
    return {
        "worldToCamera": to_camera.T.ravel().tolist(),
        "worldToNDC": (to_frame @ to_camera).T.ravel().tolist(),
    }


def _write_picture(scene: bpy.types.Scene, sheet: Sheet, path: Path) -> None:
    obj = sheet.obj
    if shows_layer(obj):
        with layer_texture(obj) as (image, alpha):
            write_texture(scene, image, str(path), alpha, as_png=True)
        return
    picture = picture_of(obj)
    assert picture is not None  # else it would be no sheet
    with image_now(obj, picture) as shown:
        write_texture(scene, shown, str(path), as_png=True)


def _projectors(scene: bpy.types.Scene, sheets: Sequence[Sheet]) -> list[Pose]:
    """The cameras that have seen the plates, each once."""
    plates: dict[bpy.types.Object, Sheet] = {}
    for sheet in sheets:
        rig = sheet.obj.parent if shows_layer(sheet.obj) else None
        plates.setdefault(rig or sheet.obj, sheet)
    poses = []
    for sheet in plates.values():
        k = sheet.plate
        lens = _SENSOR * k.fx / k.width
        poses.append(Pose(scene.frame_current, sheet.matrix, k, lens, sheet.distance))
    return poses


def _shot(scene: bpy.types.Scene, cameras: Sequence[bpy.types.Object]) -> list[Pose]:
    """The path of the camera that renders; nothing where there is none."""
    if not cameras:
        return []
    rendering = {camera for _, camera in camera_cuts(scene, frames_of(scene))}
    return rendered_path(scene) if rendering <= set(cameras) else camera_path(scene, cameras[0])


def _write_usd(
    path: Path,
    scene: bpy.types.Scene,
    objects: Sequence[bpy.types.Object],
    cameras: Sequence[bpy.types.Object],
    sheets: Sequence[Sheet],
    projectors: Sequence[Pose],
) -> list[str]:
    poses: dict[bpy.types.Object, Pose] = {}
    meshes: dict[bpy.types.Object, bpy.types.Mesh] = {}
    try:
        for pose in projectors:
            data = bpy.data.cameras.new("Projector")
            poses[bpy.data.objects.new("Projector", data)] = pose
        for sheet in sheets:
            if sheet.grid is not None and sheet.relief is not None:
                material = sheet.grid.material
                meshes[sheet.obj] = decimated_mesh(sheet.obj.name, sheet.relief, material)
        return write_usd(path, scene, objects, [*cameras, *poses], meshes, poses)
    finally:
        lenses = [camera.data for camera in poses]
        bpy.data.batch_remove([*poses, *lenses, *meshes.values()])


@contextmanager
def _package_folder(target: Path) -> Iterator[Path]:
    """An empty folder of the same name, whose content takes its place in the end.

    Raises:
        OSError: It cannot be written, or somebody else has changed a file that would be replaced.
    """
    if not target.parent.is_dir():
        raise FileNotFoundError(f"The folder {target.parent} does not exist.")
    if target.exists() and not target.is_dir():
        raise NotADirectoryError(f"{target} is a file.")
    before = _listed(target)
    work = tempfile.mkdtemp(prefix=".", dir=target.parent)
    try:
        folder = Path(work, target.name)
        folder.mkdir()
        yield folder
        files = sorted(each.relative_to(folder) for each in folder.rglob("*") if each.is_file())
        sums = {each.as_posix(): checksum(folder / each) for each in files}
        changed = [
            name
            for name in sums | before
            if (target / name).is_file() and checksum(target / name) != before.get(name)
        ]
        if changed:
            raise FileExistsError(
                f"Somebody has changed {', '.join(changed)} since: choose another folder, or move "
                "it away."
            )
        (folder / _LIST).write_text(json.dumps({"files": sums}, indent=1) + "\n", "utf-8")
        for parent in sorted({(target / name).parent for name in [*sums, _LIST]}):
            parent.mkdir(parents=True, exist_ok=True)
        for name in [*sums, _LIST]:  # the list last: what it lists is there
            os.replace(folder / name, target / name)
        for name in before.keys() - sums.keys():
            (target / name).unlink(missing_ok=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _listed(folder: Path) -> dict[str, str]:
    """Checksums of the files that an earlier package wrote, by their names; none of a new one.

    Raises:
        OSError: The list cannot be read, or another program's file has its name.
    """
    try:
        content = (folder / _LIST).read_bytes()
    except FileNotFoundError:
        return {}
    try:
        sums = {str(name): str(value) for name, value in json.loads(content)["files"].items()}
    except (ValueError, KeyError, AttributeError, TypeError):
        sums = None
    if sums is None or not all(map(_is_within, sums)):
        raise FileExistsError(
            f"The file {_LIST} in {folder} is not of a package: choose another folder."
        )
    return sums


def _is_within(name: str) -> bool:
    """Whether a name leads to no other folder than those below its own."""
    path = Path(name)
    return not path.anchor and ".." not in path.parts
