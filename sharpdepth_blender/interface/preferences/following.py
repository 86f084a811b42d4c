"""Following: work of the preferences from its start to its end, in front of the user or not."""

import time

import bpy

from ..notice import show_notice
from ..ticking import keep_ticking, redraw

_PAUSE = 0.05  # seconds between two looks


def follow(operator: bpy.types.Operator, work) -> set[str]:
    """See work to its end, and report that; the answer is the operator's.

    In background mode the operator takes as long as the work does.

    Args:
        operator: Has started the work.
        work: Has `running`, `step`, `problem` and `outcome`.
    """
    if work.running and not bpy.app.background:
        keep_ticking(lambda: _step(work))
        redraw()
        return {"FINISHED"}
    while work.step():
        time.sleep(_PAUSE)
    redraw()
    if work.problem:
        operator.report({"ERROR"}, work.problem)
        return {"CANCELLED"}
    operator.report({"INFO"}, work.outcome)
    return {"FINISHED"}


def _step(work) -> bool:
    if work.step():
        return True
    if work.problem or work.outcome:
        show_notice("ERROR" if work.problem else "INFO", work.problem or work.outcome)
    return False
