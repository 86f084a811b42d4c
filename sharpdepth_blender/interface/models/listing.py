"""What there is: presets, weights and the library's folder."""

from ...library import PRESETS, WEIGHTS, Preset, Shelf, Weights, size_of
from ..amounts import format_bytes
from .layout import commercial_use, indented


def survey(shelf: Shelf) -> dict:
    """All of it, in the words of `--json`.

    `folder` and `bytes` of the library, finished or not; in `presets` and `weights` what the
    catalogue says and what is here: `installed` and `download` (bytes) of a preset; of weights
    `where` (None, `bundled`, `library` or `hub cache`), `folder`, `bytes`, and of a download that
    was cut short its bytes, `partial`.
    """
    weights = {name: _survey_weights(each, shelf) for name, each in WEIGHTS.items()}
    return {
        "folder": str(shelf.folder),
        "bytes": size_of(shelf.folder),
        "presets": [_survey_preset(preset, weights) for preset in PRESETS.values()],
        "weights": list(weights.values()),
    }


def describe(found: dict) -> str:
    """A survey for people, at a terminal of 80 columns."""
    weights = {entry["name"]: entry for entry in found["weights"]}
    column = max(map(len, weights))
    lines = ["Presets, for `sharpdepth PICTURE --model NAME`:", ""]
    for entry in found["presets"]:
        state = f"{format_bytes(entry['download'])} to download"
        state = "installed" if entry["installed"] else state
        parts = [f"{name} ({weights[name]['licence']})" for name in entry["weights"]]
        lines += [
            f"  {entry['name']:{column}}  {state:22}  {commercial_use(entry['commercial'])}",
            indented(entry["purpose"]),
            indented(", ".join(parts)),
        ]
    lines += [
        "",
        "Weights, for `sharpdepth models get NAME`, estimators for `--estimator NAME`:",
        "",
    ]
    for entry in weights.values():
        state = f"{format_bytes(entry['partial'])} so far" if entry["partial"] else "not installed"
        state = f"{format_bytes(entry['bytes']):>7}  {entry['where'] or state:13}"
        lines += [
            f"  {entry['name']:{column}}  {state}  {commercial_use(entry['commercial'])}",
            indented(f"{entry['purpose']} ({entry['licence']})"),
        ]
    held = format_bytes(found["bytes"]) if found["bytes"] else "empty"
    lines += ["", f"Library: {found['folder']}, {held}"]
    return "\n".join(lines)


def _survey_preset(preset: Preset, weights: dict[str, dict]) -> dict:
    parts = [weights[part.name] for part in preset.weights]
    return {
        "name": preset.name,
        "purpose": preset.purpose,
        "method": preset.method,
        "weights": [part["name"] for part in parts],
        "installed": all(part["where"] for part in parts),
        "download": sum(part["bytes"] for part in parts if not part["where"]),
        "licences": list(dict.fromkeys(part["licence"] for part in parts)),
        "commercial": all(part["commercial"] for part in parts),
    }


def _survey_weights(weights: Weights, shelf: Shelf) -> dict:
    stock = shelf.stock(weights)
    return {
        "name": weights.name,
        "purpose": weights.purpose,
        "source": str(weights.source),
        "where": stock.where if stock else None,
        "folder": str(stock.folder) if stock else None,
        "bytes": stock.size if stock else weights.size,
        "partial": shelf.partial(weights),
        "licence": weights.licence,
        "commercial": weights.commercial,
        "citation": weights.citation,
    }
