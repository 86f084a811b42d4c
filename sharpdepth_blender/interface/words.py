"""Words: arguments that several commands take."""

from ..library import PRESETS, WEIGHTS
from .parser import Parser, field_of_view, intrinsics, name_or_folder, path_ending, whole_number


def add_json(parser: Parser) -> None:
    """Give a command the word `--json`."""
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object as the last line of stdout"
    )


def add_scene(parser: Parser, what: str) -> None:
    """Give a command a scene as its first word; `what` says what is to be in it."""
    parser.add_argument("scene", type=path_ending(".blend"), metavar="SCENE.blend", help=what)


def add_blend(parser: Parser, what: str, required: bool = True) -> None:
    """Give a command the word `-o`; `what` says which scene is written."""
    parser.add_argument(
        "-o", dest="blend", type=path_ending(".blend"), required=required, metavar="OUT.blend",
        help=what,
    )  # fmt: skip


def add_lens(parser: Parser, fov: str, pixels: str) -> None:
    """Give a command `--fov` or `--intrinsics`, with what it says of them."""
    camera = parser.add_mutually_exclusive_group()
    camera.add_argument("--fov", type=field_of_view, metavar="DEGREES", help=fov)
    camera.add_argument("--intrinsics", type=intrinsics, metavar="FX,FY,CX,CY", help=pixels)


def add_model(parser: Parser) -> None:
    """Give a command the words that choose the models, and where and how these run."""
    parser.add_argument(
        "--model", type=name_or_folder(PRESETS), default="preview", metavar="NAME|FOLDER",
        help=f"a preset, {', '.join(PRESETS)}, or a model folder (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--estimator", type=name_or_folder(WEIGHTS), metavar="NAME|FOLDER",
        help="another metric depth model than the preset's own: weights that `sharpdepth models` "
        "lists, or a folder",
    )  # fmt: skip
    parser.add_argument(
        "--resolution", type=whole_number(16, 8192), metavar="N",
        help="longer side in pixels at which the model works (default: the model's own)",
    )  # fmt: skip
    parser.add_argument(
        "--detail", choices=("off", "edges", "tiles"), default="edges",
        help="off: enlarge depth smoothly from the resolution that the model sees; edges: make its "
        "edges as sharp as the picture at its own resolution; tiles: also look at the picture in "
        "overlapping parts, which finds smaller things and takes many times longer (default: "
        "%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=whole_number(0, 2**63 - 1), default=0, metavar="N",
        help="seed of the noise; the same seed gives the same result (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda", "mps"), default="auto",
        help="where the model runs (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--precision", choices=("auto", "fp32", "fp16", "bf16"), default="auto",
        help="of the U-Net's numbers; auto is fp16 on CUDA and fp32 elsewhere "
        "(default: %(default)s)",
    )  # fmt: skip


def add_output(parser: Parser) -> None:
    """Give a command the word `--output`."""
    parser.add_argument(
        "--output", choices=("mesh", "points"), default="mesh",
        help="what stands in the scene (default: %(default)s)",
    )  # fmt: skip
