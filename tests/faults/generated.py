"""Files that hypothesis changes: the same in every run, and others with HYPOTHESIS_EXAMPLES."""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

# A few, so that the suite stays quick; more of them, and new ones, where somebody asks for that.
EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", 0))
quickly = settings(
    max_examples=EXAMPLES or 25,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@st.composite
def changed(draw, data: bytes) -> bytes:
    """Data with some bytes changed, most of them near its beginning, or cut, or with more of it."""
    content = bytearray(data)
    near, far = st.integers(0, min(len(data), 200) - 1), st.integers(0, len(data) - 1)
    edits = st.tuples(near | far, st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]) | st.integers(0, 255))
    for place, value in draw(st.lists(edits, max_size=6)):
        content[place] = value
    if draw(st.booleans()):
        place = draw(far)
        content[place:place] = draw(st.binary(max_size=9))
    if draw(st.integers(0, 3)) == 0:
        del content[draw(far) :]
    return bytes(content)
