"""Stack: the colors and mattes of layers that lie behind each other in one picture."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ..inpaint import continue_values
from ..srgb import from_linear, to_linear
from ..windows import near_to, share_about
from .labels import DROPPED
from .layer_settings import LayerSettings
from .matte import fit_alpha, retreat, unmix

# Part of the light at a pixel by which sheets over each other may miss it.
_OFF = 0.005


class Sheet:
    """Color and alpha of one layer inside the picture.

    Attributes:
        window: (rows, columns) slices of the picture; outside them alpha is 0.
        color: (3, h, w) float32 of the window.
        alpha: (h, w) float32.
        core: (h, w) bool, pixels that show nothing but this layer.
        invented: (h, w) bool, pixels that the picture does not show of it, and that none which it
            shows is mixed with.
        body: (h, w) bool, pixels within its edge, which is moved by the choke.
        veil: (h, w) float32, alpha as it is without choke: what is behind shows nothing of it.
        own_color: (h, w) bool, where color is its own, carried on, though the picture is not made
            again by that.
    """

    def __init__(
        self,
        window: tuple[slice, ...],
        color: np.ndarray,
        alpha: np.ndarray,
        core: np.ndarray,
        body: np.ndarray,
    ) -> None:
        self.window, self.color, self.alpha, self.core, self.body = (
            window, color, alpha, core, body
        )  # fmt: skip
        self.veil: np.ndarray | None = None
        self.own_color = np.zeros_like(body)
        self.invented = np.zeros(core.shape, bool)

    def find(self, place: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        """Of flat indices of a picture of a shape: which are here, and their indices here."""
        rows, columns = np.unravel_index(place, shape)
        (top, bottom), (left, right) = ((each.start, each.stop) for each in self.window)
        inside = (rows >= top) & (rows < bottom) & (columns >= left) & (columns < right)
        at = np.flatnonzero(inside)
        return at, (rows[at] - top) * (right - left) + columns[at] - left


def stack_sheets(
    picture: np.ndarray,
    labels: np.ndarray,
    reaches: Sequence[float],
    settings: Sequence[LayerSettings],
    is_linear: bool,
    contact: np.ndarray,
    given: Mapping[int, Sheet],
) -> list[Sheet | None]:
    """Cut a picture into sheets.

    Args:
        picture: (3, H, W) float32.
        labels: (H, W) int8, the layer of each pixel.
        reaches: For each layer, how many pixels it goes on behind nearer ones.
        settings: Of each layer: edge, choke and extension.
        is_linear: Whether the picture's values are linear light.
        contact: (H, W) bool, pixels about borders where one surface goes on through both layers,
            which then both show the picture itself: no edge of anything is mixed there.
        given: Sheets of some layers, by their numbers, that are to stay as they are.

    Returns:
        A sheet, or None for a layer without pixels, of each. The farthest goes on everywhere, and
        is made where the given one does not.
    """
    last = int(labels.max(initial=DROPPED))
    sheets: list[Sheet | None] = [None] * len(reaches)
    behind = picture.copy()
    linear = _Linear(picture, is_linear)
    widest = max(each.edge for each in settings)
    for index in reversed(range(last + 1)):
        if index in given and (index < last or given[index].core.all()):
            sheets[index] = given[index]
            np.copyto(behind, given[index].color, where=given[index].core)
            continue
        reach = reaches[index] + 2 * max(each.edge for each in settings[: index + 1]) + 3
        reach += max((each.choke for each in settings[:index] if each.choke > 0), default=0)
        sheet = _cut_out(picture, labels, index, math.inf if index == last else reach, settings)
        if sheet is not None:
            sheets[index] = sheet
            _show_contact(sheet, picture, labels, index, contact, widest)
            _set_edge(sheet, labels[sheet.window], index, behind, linear, settings[index])
    kept = [sheet is not None and sheet is given.get(i) for i, sheet in enumerate(sheets)]
    _settle(sheets, kept, labels, linear, contact)
    return sheets


class _Linear:
    """Chosen pixels of planar pictures in linear light, and back."""

    def __init__(self, picture: np.ndarray, is_linear: bool) -> None:
        self.picture, self.is_linear = picture, is_linear

    def get(self, planes: np.ndarray, where: np.ndarray) -> np.ndarray:
        values = planes.reshape(3, -1)[:, where].T
        return values if self.is_linear else to_linear(values)

    def held(self, values: np.ndarray) -> np.ndarray:
        """Values that the picture can hold."""
        return np.maximum(values, 0) if self.is_linear else np.clip(values, 0, 1)

    def put(self, planes: np.ndarray, where: np.ndarray, values: np.ndarray) -> None:
        values = self.held(values)
        planes.reshape(3, -1)[:, where] = (values if self.is_linear else from_linear(values)).T


def _cut_out(
    picture: np.ndarray,
    labels: np.ndarray,
    index: int,
    reach: float,
    settings: Sequence[LayerSettings],
) -> Sheet | None:
    """The sheet of a layer with an edge that fades by distance alone; None without pixels."""
    own = labels == index
    if not own.any():
        return None
    edge, choke, extension = (
        settings[index].edge, settings[index].choke, settings[index].extension
    )  # fmt: skip
    window = _window(own, reach + edge + max(-choke, 0))
    own, labels = own[window], labels[window]
    nearer, farther = labels < index, labels > index
    inner = math.ceil(edge / 2)
    clean = own & ~_mixed(labels, index, [each.edge for each in settings])
    core = clean & ~near_to(farther, inner)
    core |= clean & ~near_to(core, edge + inner + 1)  # what is too thin to have a middle
    core = core if core.any() else own
    whole = own
    if reach == math.inf:
        whole = np.ones(own.shape, bool)
    elif nearer.any():
        # Where behind nearer things this layer ends, and not one behind it begins.
        mine = continue_values(own[None].astype(np.float32), ~nearer)[0] > 0.5
        within = near_to(own | (labels == DROPPED), math.ceil(reach))
        whole = own | (nearer & mine & within)
    body, support = own, whole
    if choke > 0:
        away = near_to(farther, choke)
        body, support = own & ~away, whole & ~away
    elif choke < 0:
        grown = near_to(own, -choke) & farther
        body, support = own | grown, whole | grown
    tint = core
    if extension:
        tint = core & ~near_to(farther, extension)
        tint |= core & ~near_to(tint, extension + inner + 1)
    color = continue_values(picture[(slice(None), *window)], tint)
    sheet = Sheet(window, np.ascontiguousarray(color), _faded(support, edge), core, body)
    if choke > 0:
        sheet.veil = _faded(whole, edge)
        sheet.own_color = own & ~body
    if extension:
        sheet.own_color |= (own & ~tint) & near_to(farther, extension)
        sheet.own_color |= farther & (sheet.alpha > 0)
    return sheet


def _faded(support: np.ndarray, edge: int) -> np.ndarray:
    """Alpha that fades from a mask outwards; (h, w) float32."""
    alpha = support.astype(np.float32)
    if edge:
        alpha = np.where(support, 1, np.minimum(1, 2 * share_about(support, edge)))
    return alpha.astype(np.float32)


def _mixed(labels: np.ndarray, index: int, edges: Sequence[int]) -> np.ndarray:
    """Where the edges of what is before a layer may reach, each as far as it fades."""
    of_label = np.array([*edges[:index], *(-1 for _ in edges[index:]), edges[index]])  # and DROPPED
    mixed = np.zeros(labels.shape, bool)
    for edge in set(of_label[of_label >= 0].tolist()):
        mixed |= near_to((of_label == edge)[labels], edge)
    return mixed


def _set_edge(
    sheet: Sheet,
    labels: np.ndarray,
    index: int,
    behind: np.ndarray,
    linear: _Linear,
    settings: LayerSettings,
) -> None:
    """Fit alpha where the sheet's edge is seen, and lay the sheet over what is behind it."""
    own, edge = sheet.body, settings.edge
    farther = (labels >= index) & ~own
    here = (slice(None), *sheet.window)
    inside = own & near_to(farther, math.ceil(edge / 2)) if edge else np.zeros_like(own)
    where = np.flatnonzero(inside | (farther & (sheet.alpha > 0)))
    below = behind[here]
    fitted = fit_alpha(
        linear.get(linear.picture[here], where),
        linear.get(sheet.color, where),
        linear.get(below, where),
        sheet.alpha.ravel()[where],
        inside.ravel()[where],
    )
    support = sheet.alpha == 1
    if settings.choke >= 0:  # a grown edge is where the picture has none
        sheet.alpha.ravel()[where] = fitted
    behind[here] = np.where(support, sheet.color, below)


def _show_contact(
    sheet: Sheet,
    picture: np.ndarray,
    labels: np.ndarray,
    index: int,
    contact: np.ndarray,
    edge: int,
) -> None:
    """Have a sheet show the picture where its surface goes on in the layer beside it."""
    here = contact[sheet.window]
    if here.any():
        here = here & near_to(labels[sheet.window] == index, 2 * edge + 1)
        np.copyto(sheet.color, picture[(slice(None), *sheet.window)], where=here)


def _settle(
    sheets: list[Sheet | None],
    kept: Sequence[bool],
    labels: np.ndarray,
    linear: _Linear,
    contact: np.ndarray,
) -> None:
    """Correct colors at edges until the sheets, laid over each other, make the picture.

    Those that are kept are never changed.
    """
    clear = np.ones(labels.shape, np.float32)  # what is left of a pixel by the sheets before it
    edges = np.zeros(labels.shape, bool)
    for index, sheet in enumerate(sheets):
        if sheet is None:
            continue
        here = (slice(None), *sheet.window)
        seen = labels[sheet.window] >= index
        own = (labels[sheet.window] == index) | sheet.body
        own &= ~sheet.own_color
        picture = linear.picture[here]
        front = 1 - clear[sheet.window]
        if not kept[index]:
            where = np.flatnonzero(own & (front > 0) & ~contact[sheet.window])
            colors = retreat(
                linear.get(picture, where), linear.get(sheet.color, where), front.ravel()[where]
            )
            np.copyto(sheet.color, picture, where=own)
            linear.put(sheet.color, where, colors)
        before = clear[sheet.window]
        sheet.invented = ~seen & ((before == 0) | (before == 1))
        edges[sheet.window] |= _is_mixed(sheet.alpha, labels[sheet.window], index)
        veil = sheet.alpha if sheet.veil is None else np.maximum(sheet.alpha, sheet.veil)
        clear[sheet.window] *= np.where(seen, 1 - veil, 1)
    place = np.flatnonzero(edges)
    owner = labels.ravel()[place]
    wanted = linear.get(linear.picture, place)
    below = wanted.copy()
    for index, sheet in reversed(list(enumerate(sheets))):
        if sheet is None:
            continue
        at, where = sheet.find(place, labels.shape)
        alpha = sheet.alpha.ravel()[where]
        if kept[index]:
            color = linear.get(sheet.color, where)
            below[at] = alpha[:, None] * color + (1 - alpha[:, None]) * below[at]
            continue
        mixed = _is_mixed(alpha, owner[at], index) & ~sheet.own_color.ravel()[where]
        at_mixed, where_mixed, alpha = at[mixed], where[mixed], alpha[mixed]
        colors = linear.held(unmix(wanted[at_mixed], below[at_mixed], alpha))
        made = alpha[:, None] * colors + (1 - alpha[:, None]) * below[at_mixed]
        off = np.abs(made - wanted[at_mixed]).max(-1) > _OFF * (0.1 + wanted[at_mixed].max(-1))
        # No color of this sheet can make up for what is behind it there.
        colors[off] = wanted[at_mixed[off]]
        linear.put(sheet.color, where_mixed, colors)
        own = owner[at_mixed] == index
        sheet.alpha.ravel()[where_mixed[off & own]] = 1
        sheet.alpha.ravel()[where_mixed[off & ~own & (alpha < 0.5)]] = 0
        shown = [None if same else each for each, same in zip(sheets, kept, strict=True)]
        _show_plainly(shown, owner, place, at_mixed[off & ~own], below, wanted, linear, labels)
        alpha = sheet.alpha.ravel()[where][:, None]
        below[at] = alpha * linear.get(sheet.color, where) + (1 - alpha) * below[at]


def _is_mixed(alpha: np.ndarray, labels: np.ndarray, index: int) -> np.ndarray:
    """Where the picture shows a layer that does not make it up by its own color alone."""
    return ((labels == index) & (alpha > 0) & (alpha < 1)) | ((labels > index) & (alpha > 0))


def _show_plainly(
    sheets: list[Sheet | None],
    owner: np.ndarray,
    place: np.ndarray,
    at: np.ndarray,
    below: np.ndarray,
    wanted: np.ndarray,
    linear: _Linear,
    labels: np.ndarray,
) -> None:
    """Have the sheets that own some pixels show the picture there, whatever is before them."""
    for index in np.unique(owner[at]):
        own, sheet = at[owner[at] == index], sheets[index]
        if sheet is not None:
            _, where = sheet.find(place[own], labels.shape)
            linear.put(sheet.color, where, wanted[own])
            sheet.alpha.ravel()[where] = 1
            below[own] = wanted[own]


def _window(own: np.ndarray, margin: float) -> tuple[slice, ...]:
    """Slices about a mask, with a margin inside the picture."""
    slices = []
    for axis in (1, 0):
        found = np.flatnonzero(own.any(axis))
        length = own.shape[1 - axis]
        margin = min(margin, length)
        slices.append(
            slice(max(0, int(found[0] - margin)), min(length, math.ceil(found[-1] + 1 + margin)))
        )
    return tuple(slices)
