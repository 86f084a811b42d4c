"""A dolly before a scene of our own, whose true frames are known."""

from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix

from demo import contact_sheet
from sharpdepth_blender.scene import camera_matrix, render_view
from training.scenes.dolly import ROOM_SEED, STREET_SEED, find_revealed, render_dolly
from training.scenes.frame import Frame

SCENES = {"room": ROOM_SEED, "street": STREET_SEED}
SIZE = (768, 576)
FRAMES = (1, 12, 24)
ASIDE, IN = 0.7, 1.5  # meters, to the right and forward, at the last frame


@dataclass(frozen=True)
class Truth:
    """What the frames of the dolly truly show.

    Attributes:
        plate: The picture that everything is made of, a PNG.
        frames: Number of each frame -> what its camera sees, with exact depth.
        revealed: Number -> (H, W) bool, pixels that show what the plate does not.
    """

    plate: Path
    frames: dict[int, Frame]
    revealed: dict[int, np.ndarray]


def offset(frame: int) -> tuple[float, float, float]:
    """How far the camera has gone to the right, up and back, in meters."""
    share = (frame - FRAMES[0]) / (FRAMES[-1] - FRAMES[0])
    return ASIDE * share, 0.0, -IN * share


def render_truth(folder: Path, name: str) -> Truth:
    """Render the frames of a scene into a folder, unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {frame: folder / f"{name}.{frame:04d}.npz" for frame in FRAMES}
    if not all(path.exists() for path in kept.values()):
        print(f"Rendering the {name} as it is ...", flush=True)
        rendered = render_dolly(SCENES[name], [offset(frame) for frame in FRAMES], *SIZE)
        for path, frame in zip(kept.values(), rendered, strict=True):
            frame.save(path)
    frames = {number: Frame.load(path) for number, path in kept.items()}
    plate = folder / f"{name}.png"
    contact_sheet.write(plate, frames[FRAMES[0]].rgb)
    first = frames[FRAMES[0]]
    revealed = {
        number: find_revealed(frame, offset(number), first) for number, frame in frames.items()
    }
    return Truth(plate, frames, revealed)


def key_camera(scene: bpy.types.Scene) -> None:
    """Have the scene's camera make the move, with a key at each frame."""
    camera, start = scene.camera, camera_matrix(scene, scene.camera)
    for frame in range(FRAMES[0], FRAMES[-1] + 1):
        camera.matrix_world = start @ Matrix.Translation(offset(frame))
        camera.keyframe_insert("location", frame=frame)
    scene.frame_start, scene.frame_end = FRAMES[0], FRAMES[-1]
    scene.frame_set(FRAMES[0])


def render_frames(scene: bpy.types.Scene, folder: Path) -> dict[int, np.ndarray]:
    """Render a scene whose camera makes the move; number -> (H, W, 3) uint8."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for frame in FRAMES:
        scene.frame_set(frame)
        picture = folder / f"{frame:04d}.png"
        render_view(scene, picture, SIZE)
        found[frame] = contact_sheet.read(picture)
    scene.frame_set(FRAMES[0])
    return found


def compare(truth: Truth, shown: dict[int, np.ndarray]) -> dict[int, dict[str, float | None]]:
    """PSNR in dB of each frame: of all its pixels, and of those that the plate does not show."""
    return {
        frame: {
            "psnr": psnr(picture, truth.frames[frame].rgb),
            "psnr_revealed": psnr(picture, truth.frames[frame].rgb, truth.revealed[frame]),
            "revealed": float(truth.revealed[frame].mean()),
        }
        for frame, picture in shown.items()
    }


def psnr(picture: np.ndarray, truth: np.ndarray, where: np.ndarray | None = None) -> float | None:
    """Peak signal-to-noise ratio in dB of 8-bit pictures; None where they are alike or nothing."""
    off = picture.astype(np.float64) - truth
    off = off if where is None else off[where]
    error = np.mean(off**2) if off.size else 0.0
    return float(10 * np.log10(255**2 / error)) if error else None


def make_rows(
    truth: Truth, shown: dict[str, tuple[dict[int, np.ndarray], dict]]
) -> list[list[np.ndarray]]:
    """Rows of titled pictures: what is true, and what is shown with the PSNR of each frame.

    Args:
        truth: As of `render_truth`.
        shown: Title -> pictures by their frame's number, and how they `compare`.
    """
    rows = [
        [contact_sheet.titled(contact_sheet.halved(each.rgb), f"{truth.plate.stem}, frame {number}")
         for number, each in truth.frames.items()]
    ]  # fmt: skip
    for title, (pictures, found) in shown.items():
        rows.append(
            [contact_sheet.titled(contact_sheet.halved(each), f"{title}: {tell(found[number])}")
             for number, each in pictures.items()]
        )  # fmt: skip
    return rows


def tell(found: dict[str, float | None]) -> str:
    """The PSNR of a frame in words."""
    words = f"{found['psnr']:.2f} dB"
    if found["psnr_revealed"] is not None:
        words += f", {found['psnr_revealed']:.2f} dB of what is revealed"
    return words
