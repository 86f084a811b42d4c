"""Parser: what the words of every command have in common."""

import argparse
import math
import re
from collections.abc import Container
from pathlib import Path

from .errors import UsageError


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, instead of printing its usage and leaving Blender."""

    def error(self, message: str):
        """Raise the `UsageError`."""
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see `{self.prog} --help`.")


def path_ending(*suffixes: str):
    """A type of argument: a file whose name ends in one of `suffixes`."""

    def path(text: str) -> Path:
        if not text.lower().endswith(suffixes):
            raise argparse.ArgumentTypeError(f"{text!r} should end in {' or '.join(suffixes)}")
        return Path(text)

    return path


def name_or_folder(names: Container[str]):
    """A type of argument: one of `names`, or else a folder that exists."""

    def name_or_folder(text: str) -> str | Path:
        return Path(text) if text not in names and Path(text).is_dir() else text

    return name_or_folder


def whole_number(smallest: int, largest: int):
    """A type of argument: a whole number in a range, ends included."""

    def whole_number(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = smallest - 1
        if not smallest <= number <= largest:
            raise argparse.ArgumentTypeError(
                f"{text!r} should be a whole number from {smallest} to {largest}"
            )
        return number

    return whole_number


def positive_number(text: str) -> float:
    """A type of argument: a finite number above zero."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} should be a number above zero")
    return number


def share(text: str) -> float:
    """A type of argument: a number from 0 to 1."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} should be a share from 0 to 1")
    return number


def frame_range(text: str) -> tuple[int, int]:
    """A type of argument: first and last frame, `1-24` or `1..24`, or a single one."""
    found = re.fullmatch(r"\s*(-?\d+)(?:\s*(?:-|\.\.)\s*(-?\d+))?\s*", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} should be frames, such as 1-24")
    first, last = int(found[1]), int(found[2] or found[1])
    if last < first:
        raise argparse.ArgumentTypeError(f"{text.strip()!r} ends before it begins")
    return first, last


def frame_numbers(text: str) -> list[int]:
    """A type of argument: frames such as `1-24` or `1-8,12,20-24`, ascending."""
    numbers = set()
    for part in text.split(","):
        first, last = frame_range(part)
        if last - first > 1_000_000:
            raise argparse.ArgumentTypeError(f"{part.strip()!r} is more than a million frames")
        numbers.update(range(first, last + 1))
    return sorted(numbers)


def field_of_view(text: str) -> float:
    """A type of argument: degrees."""
    try:
        degrees = float(text)
    except ValueError:
        degrees = 0.0
    if not 1 <= degrees <= 175:
        raise argparse.ArgumentTypeError(f"{text!r} should be degrees from 1 to 175")
    return degrees


def intrinsics(text: str) -> tuple[float, ...]:
    """A type of argument: four numbers in pixels, with commas between them."""
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)) or min(numbers[:2]) <= 0:
        raise argparse.ArgumentTypeError(
            f"{text!r} should be four numbers FX,FY,CX,CY in pixels, the first two above zero"
        )
    return numbers
