"""What is told of the frames of a shot, as ranges."""

from sharpdepth_blender.tasks.generate_sequence import shot_notes


def test_frames_are_told_as_ranges():
    shot = {"cuts": [], "jumps": [], "camera_ignored": []}
    assert shot_notes(shot) == []
    assert shot_notes(shot | {"cuts": [7]}) == [
        "Cuts at frames 7: nothing is smoothed across them."
    ]
    (cuts,) = shot_notes(shot | {"cuts": [3, 9, 10, 11]})
    assert cuts == "Cuts at frames 3, 9 to 11: nothing is smoothed across them."
    (ignored,) = shot_notes(shot | {"camera_ignored": [1, 2, 3, 4, 5, 8]})
    assert "at frames 1 to 5, 8, so" in ignored
