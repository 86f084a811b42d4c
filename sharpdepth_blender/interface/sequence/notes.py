"""Notes: what a person has to know of a shot that was steadied."""

from bpy.app.translations import pgettext_rpt


def shot_notes(shot: dict) -> list[str]:
    """A sentence for each cut and jump that was found, and for a camera that does not fit.

    Args:
        shot: What `shot.json` holds.
    """
    notes = []
    for frame in shot["cuts"]:
        sentence = pgettext_rpt("A new shot begins at frame {frame}; nothing is smoothed across.")
        notes.append(sentence.format(frame=frame))
    for jump in shot["jumps"]:
        sentence = pgettext_rpt(
            "At frame {frame} the scale jumped by a factor of {ratio}; that was evened out."
        )
        notes.append(sentence.format(frame=jump["frame"], ratio=f"{jump['ratio']:.3f}"))
    if shot["camera_ignored"]:
        sentence = pgettext_rpt(
            "At {count} frames the camera's path does not fit depth in metres, and only its "
            "turning was used: is the scale of the scene right?"
        )
        notes.append(sentence.format(count=len(shot["camera_ignored"])))
    return notes
