"""The tables of docs/models.md, made anew from the catalogue: `python docs/model_tables.py`."""

import sys
from collections.abc import Iterable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from sharpdepth_blender.library import LICENSES, PRESETS, USES, WEIGHTS  # noqa: E402
from sharpdepth_blender.library.catalogue import CAMERAS  # noqa: E402
from sharpdepth_blender.library.properties import (  # noqa: E402
    licenses,
    memory,
    method,
    proposal,
    published,
    seconds,
)

NO_ESTIMATOR = "is no metric estimator"
DOCUMENT = REPOSITORY / "docs" / "models.md"


def tables() -> dict[str, str]:
    """Each table by the name that its place in the document has."""
    return {"uses": _uses(), "presets": _presets(), "weights": _weights(), "licenses": _licenses()}


def with_tables(text: str) -> str:
    """The document with its tables as they are to be."""
    for name, table in tables().items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = f"{before}{begin}{table}\n{end}{after}"
    return text


def _uses():
    rows = ((use.label, proposal(use)) for use in USES.values())
    return _table(("what for", "proposed, and why"), rows)


def _presets():
    rows = (
        (
            f"`{each.name}`",
            each.purpose,
            method(each),
            licenses(each),
            _size(sum(weights.size for weights in each.weights)),
            seconds(each.name),
            memory(each.name),
            published(each),
        )
        for each in PRESETS.values()
    )
    head = ("preset", "purpose", "weights", "licenses", "download", "CPU", "memory", "published")
    return _table(head, rows)


def _weights():
    rows = (
        (
            f"`{each.name}`",
            each.purpose,
            each.license,
            _size(each.size),
            seconds(each.name),
            memory(each.name),
            (", ".join(each.gives) or "depth alone") if each.camera else NO_ESTIMATOR,
            CAMERAS[each.camera] if each.camera else NO_ESTIMATOR,
            published(each),
        )
        for each in WEIGHTS.values()
    )
    head = (
        "weights", "purpose", "license", "download", "CPU", "memory", "finds", "a known camera",
        "published",
    )  # fmt: skip
    return _table(head, rows)


def _licenses():
    return _table(("license", "permits and asks"), LICENSES.items())


def _size(size: int) -> str:
    if not size:
        return "none"
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    DOCUMENT.write_text(with_tables(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
