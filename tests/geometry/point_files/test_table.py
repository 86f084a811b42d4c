import os

import numpy as np
import pytest

from sharpdepth_blender.geometry.point_files import PointFileError, read_ply, read_table

POINTS = [[1.5, -2, 3], [4, 5.25, 6e1]]


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    "text",
    [
        "x,y,z\n1.5,-2,3\n4,5.25,6e1\n",
        "x y z\n1.5 -2 3\n4   5.25 6e1",
        "x\ty\tz\r\n1.5\t-2\t3\r\n\r\n4\t5.25\t6e1\r\n",
        "\ufeffX;Y;Z\r\n1,5;-2;3\r\n4;5,25;6e1\r\n",
        'id,"Z","Y","X",r\na,3,-2,1.5,255\nb,6e1,5.25,4,0\n',
        "# made by hand\n# x, y, z\n1.5, -2, 3\n# in between\n4, 5.25, 6e1\n",
        "//X Y Z R G B\n1.5 -2 3 10 20 30\n4 5.25 6e1 10 20 30\n",
    ],
)
def test_names_above_columns(tmp_path, text):
    points, kind = read_table(write(tmp_path / "ä.csv", text))
    assert kind == "camera"
    np.testing.assert_array_equal(points, POINTS)


@pytest.mark.parametrize("names", ["u,v,depth", "U,V,Z", "v,u,z,depth"])
def test_pixels(tmp_path, names):
    values = "-2,1.5,0,3\n5.25,4,0,6e1\n" if names[0] == "v" else "1.5,-2,3\n4,5.25,6e1\n"
    points, kind = read_table(write(tmp_path / "a.csv", f"{names}\n{values}"))
    assert kind == "pixels"
    np.testing.assert_array_equal(points, POINTS)


@pytest.mark.parametrize("kind", ["camera", "pixels"])
def test_without_names_the_user_tells(tmp_path, kind):
    path = write(tmp_path / "a.txt", "1.5 -2 3 9\n4 5.25 6e1 9\n")
    with pytest.raises(PointFileError, match="--points-are camera") as caught:
        read_table(path)
    assert caught.value.path == path
    points, found = read_table(path, kind)
    assert found == kind
    np.testing.assert_array_equal(points, POINTS)


def test_both_kinds_in_one_table(tmp_path):
    path = write(tmp_path / "a.csv", "u,v,x,y,z\n10,20,1,2,3\n")
    with pytest.raises(PointFileError, match="--points-are"):
        read_table(path)
    assert read_table(path, "camera")[0].tolist() == [[1, 2, 3]]
    assert read_table(path, "pixels")[0].tolist() == [[10, 20, 3]]


def test_what_is_no_number_in_a_field(tmp_path):
    points, _ = read_table(write(tmp_path / "a.csv", "x,y,z\nnan,1,2\n,1,2\n1,2,-inf\n"))
    np.testing.assert_array_equal(points, [[np.nan, 1, 2], [np.nan, 1, 2], [1, 2, -np.inf]])


def test_one_point_as_windows_writes_unicode(tmp_path):
    points, _ = read_table(write(tmp_path / "a.txt", "x\ty\tz\r\n1\t2\t3", "utf-16"))
    assert points.tolist() == [[1, 2, 3]]


@pytest.mark.parametrize(
    "text, clause",
    [
        ("", "is empty"),
        ("\r\n \r\n", "is empty"),
        ("# nothing\n", "holds no points"),
        ("x,y,z\r\n", "holds no points"),
        ("x,y,z\n1,2\n", "line 2"),
        ("x,y,z\n1,2,3\n\n1,2,three\n", "line 4"),
        ("x,y,distance\n1,2,3\n", "rename"),
        ("\0\0\0\1", "is no text"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, text, clause):
    with pytest.raises(PointFileError, match=clause):
        read_table(write(tmp_path / "a.csv", text))


def test_names_that_are_not_what_the_user_says(tmp_path):
    with pytest.raises(PointFileError, match="say camera"):
        read_table(write(tmp_path / "a.csv", "x,y,z\n1,2,3\n"), "pixels")


def test_no_file(tmp_path):
    with pytest.raises(PointFileError, match="no such file"):
        read_table(tmp_path / "none.csv")


@pytest.mark.parametrize("read", [read_table, read_ply])
def test_a_pipe_is_not_waited_for(read, tmp_path):
    os.mkfifo(tmp_path / "points")
    with pytest.raises(PointFileError, match="cannot be read: it is a device or a pipe"):
        read(tmp_path / "points")
