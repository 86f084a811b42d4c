"""Numbering: which files are the frames of an image sequence, and what numbers they have."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from .errors import SourceError

_LAST_DIGITS = re.compile(r"([0-9]+)[^0-9]*$")


@dataclass(frozen=True)
class Numbering:
    """How the names of a sequence's files are made of numbers.

    Attributes:
        head: What stands before the number.
        tail: What stands after it, with the extension.
        digits: To which a number is padded with zeros; more where it needs more.
        exact: Whether other padding makes other files, as where `#` stands for each digit.
        signed: Whether a minus before the digits belongs to the number.
    """

    head: str
    tail: str
    digits: int
    exact: bool
    signed: bool

    @property
    def pattern(self) -> str:
        """The common name of the files, with `#` for digits."""
        return self.head + "#" * self.digits + self.tail

    def number(self, name: str) -> int | None:
        """The number of a file, None of one that is of another sequence."""
        if not (name.startswith(self.head) and name.endswith(self.tail)):
            return None
        found = re.fullmatch("(-?)([0-9]+)", name[len(self.head) : len(name) - len(self.tail)])
        if found is None or (found[1] and not (self.signed and int(found[2]))):
            return None
        # A minus is one of the digits for Nuke and Python, and not for Blender.
        fewest = self.digits - bool(found[1])
        length = len(found[2])
        padded = fewest <= length <= self.digits or (length > fewest and found[2][0] != "0")
        return int(found[1] + found[2]) if padded or not self.exact else None

    def name(self, number: int) -> str:
        """The file that Blender looks for, to which there are no numbers below 0."""
        return f"{self.head}{max(number, 0):0{self.digits}d}{self.tail}"


def numbering_of(name: str) -> Numbering | None:
    """How a file is numbered: by `#`, else as by Blender, by the last digits before its extension.

    Returns:
        None where it has no number.

    Raises:
        SourceError: There is more than one run of `#`.
    """
    digits = name.count("#")
    if digits:
        head, found, tail = name.partition("#" * digits)
        if not found:
            raise SourceError("The pattern {name} has more than one run of #.", name=name)
        return Numbering(head, tail, digits, exact=True, signed=True)
    stem, extension = os.path.splitext(name)
    last = _LAST_DIGITS.search(stem)
    if last is None:
        return None
    head, tail = stem[: last.start()], stem[last.end(1) :] + extension
    if head.endswith("-") and _takes_sign(head[:-1]):
        head = head[:-1]
    return Numbering(head, tail, len(last[1]), exact=False, signed=_takes_sign(head))


def _takes_sign(head: str) -> bool:
    """Whether a minus after this is one, as in `a.-005.png`; in `shot-005.png` it is a hyphen."""
    return not head or not head[-1].isalnum()


def files_like(path: str) -> dict[int, list[str]]:
    """The files on disk that are of a sequence.

    Args:
        path: One of them, or their common name with `#` for digits.

    Returns:
        By ascending number their absolute paths, of which there are several where the same number
        is written in different ways; the one that Blender looks for comes first.

    Raises:
        SourceError: The pattern has more than one run of `#`.
    """
    folder, name = os.path.split(path)
    numbering = numbering_of(name)
    if numbering is None:
        return {}
    try:
        names = os.listdir(folder)
    except OSError:
        return {}
    found: dict[int, list[str]] = {}
    for each in names:
        number = numbering.number(each)
        if number is not None:
            found.setdefault(number, []).append(each)
    for number, same in found.items():
        same.sort(key=lambda each: (each != numbering.name(number), each))
    return {
        number: [os.path.join(folder, each) for each in found[number]] for number in sorted(found)
    }


def numbered(path: str, number: int) -> str:
    """The file of a sequence that Blender shows for a number, given another of its files."""
    folder, name = os.path.split(path)
    stem, extension = os.path.splitext(name)
    last = _LAST_DIGITS.search(stem)
    if last is None:
        return path
    digits = f"{max(number, 0):0{len(last[1])}d}"
    return os.path.join(folder, stem[: last.start()] + digits + stem[last.end(1) :] + extension)


def number_in(path: str) -> int:
    """The number in a file's name as Blender counts, 0 where it has none."""
    last = _LAST_DIGITS.search(os.path.splitext(os.path.basename(path))[0])
    return int(last[1]) if last else 0


def spans(numbers: Iterable[int]) -> str:
    """Ascending numbers for a sentence, such as `3-5, 9`; of many runs the first ones."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    words = [f"{first}" if first == last else f"{first} to {last}" for first, last in runs]
    return ", ".join([*words[:8], "..."] if len(words) > 8 else words)
