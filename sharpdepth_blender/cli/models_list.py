"""Models list: listing and download consent, for a terminal with 80 columns."""

import sys
from collections.abc import Sequence
from textwrap import fill

from ..library import LICENSES, MEASURED, PRESETS, USES, WEIGHTS, Library, Preset, Weights, size_of
from ..library.properties import abilities, cost, licenses, proposal, published
from ..tasks.formatting import format_bytes
from .errors import Declined


def survey(library: Library) -> dict:
    """Return the listing as printed by `--json`.

    It has `folder` and `bytes` of the library, including partial downloads, and `presets` and
    `weights` with their catalogue entries. Presets also have `installed` and `download` (bytes);
    weights have `where` (None, `bundled`, `library` or `hub cache`), `folder`, `bytes`, and
    `partial`, the bytes of an interrupted download.
    """
    weights = {name: _survey_weights(each, library) for name, each in WEIGHTS.items()}
    return {
        "folder": str(library.folder),
        "bytes": size_of(library.folder),
        "presets": [_survey_preset(preset, weights) for preset in PRESETS.values()],
        "weights": list(weights.values()),
    }


def describe(found: dict) -> str:
    """Format a listing for a terminal with 80 columns."""
    weights = {entry["name"]: entry for entry in found["weights"]}
    column = max(map(len, weights))
    lines = ["What for, and what is proposed:", ""]
    for use in USES.values():
        lines += [f"  {use.label}", _indented(proposal(use))]
    lines += ["", "Presets, for `sharpdepth PICTURE --model NAME`:", ""]
    for entry in found["presets"]:
        state = f"{format_bytes(entry['download'])} to download"
        state = "installed" if entry["installed"] else state
        lines += [
            f"  {entry['name']:{column}}  {state:22}  {_commercial_use(entry['commercial'])}",
            _indented(entry["purpose"]),
            _indented(licenses(PRESETS[entry["name"]])),
            _indented(cost(entry["name"])),
        ]
        lines.append(_indented(f"published figures: {published(PRESETS[entry['name']])}"))
    lines += [
        "",
        "Weights, for `sharpdepth models get NAME`, estimators for `--estimator NAME`:",
        "",
    ]
    for entry in weights.values():
        state = f"{format_bytes(entry['partial'])} so far" if entry["partial"] else "not installed"
        state = f"{format_bytes(entry['bytes']):>7}  {entry['where'] or state:13}"
        lines += [
            f"  {entry['name']:{column}}  {state}  {_commercial_use(entry['commercial'])}",
            _indented(f"{entry['purpose']} ({entry['licence']}): {LICENSES[entry['licence']]}"),
        ]
        found_figures = f"published figures: {published(WEIGHTS[entry['name']])}"
        known = abilities(WEIGHTS[entry["name"]]), cost(entry["name"]), found_figures
        lines += [_indented(each) for each in known if each]
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
        "figures": preset.figures,
        **_survey_cost(preset.name),
    }


def _survey_weights(weights: Weights, library: Library) -> dict:
    installed = library.installed(weights)
    return {
        "name": weights.name,
        "purpose": weights.purpose,
        "source": str(weights.source),
        "where": installed.where if installed else None,
        "folder": str(installed.folder) if installed else None,
        "bytes": installed.size if installed else weights.size,
        "partial": library.partial(weights),
        "licence": weights.license,
        "commercial": weights.commercial,
        "citation": weights.citation,
        "gives": list(weights.gives),
        "camera": weights.camera,
        "figures": weights.figures,
        **_survey_cost(weights.name),
    }


def _survey_cost(name: str) -> dict:
    measured = MEASURED.get(name)
    return {
        "seconds": measured and measured.seconds,
        "memory": measured and measured.memory,
    }


def _indented(text: str) -> str:
    """Wrap the lines below an entry, at spaces only because names have hyphens."""
    indent = " " * 6
    return fill(text, 79, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def _commercial_use(allowed: bool) -> str:
    """Format whether a license allows commercial use."""
    return f"commercial use: {'yes' if allowed else 'no'}"


def ask(parts: Sequence[Weights], library: Library, name: str, yes: bool) -> None:
    """Show on stderr what will be downloaded, and ask for consent.

    Args:
        parts: Weights to download.
        library: Destination.
        name: Name as given by the user.
        yes: Whether the user agreed beforehand.

    Raises:
        Declined: The answer is not yes, or there is no terminal to ask.
    """
    total = format_bytes(sum(weights.size for weights in parts))
    _say(f"Download to {library.folder}:")
    for weights in parts:
        _say(f"  {weights.name}, about {format_bytes(weights.size)}")
        _say(_indented(f"from {weights.source}"))
        _say(_indented(f"license {weights.license}, {_commercial_use(weights.commercial)}"))
    if yes:
        return
    if not sys.stdin.isatty():
        raise Declined(
            "Nothing was downloaded, because there is no terminal for confirmation: "
            f"`sharpdepth models get {name} --yes` agrees to the above.",
        )
    _say(f"Download about {total}? [y/N] ", end="")
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Declined("Nothing was downloaded.")


def _say(words: str, end: str = "\n") -> None:
    print(words, file=sys.stderr, end=end, flush=True)
