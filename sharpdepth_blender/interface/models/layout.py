"""Text for a terminal of 80 columns."""

from textwrap import fill


def indented(text: str) -> str:
    """Lines below an entry, cut at spaces only: names have hyphens."""
    indent = " " * 6
    return fill(text, 79, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def commercial_use(allowed: bool) -> str:
    """Whether a licence allows commercial work."""
    return f"commercial use: {'yes' if allowed else 'no'}"
