"""What Nuke and After Effects make of a script, by their own conventions, for tests."""

import json
import math
import re

import numpy as np


def _about(axis, degrees):
    """The matrix that turns about an axis, 0 to 2, by the right-hand rule."""
    a, b = (axis + 1) % 3, (axis + 2) % 3
    turn = np.eye(3)
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn[a, a], turn[a, b], turn[b, a], turn[b, b] = c, -s, s, c
    return turn


# Nuke


def _tokens(text):
    """Words and nested lists of a TCL value."""
    found, stack = [], []
    for token in re.findall(r'"(?:\\.|[^"\\])*"|[{}]|[^\s{}]+', text):
        if token == "{":
            stack.append(found)
            found = []
        elif token == "}":
            stack[-1].append(found)
            found = stack.pop()
        else:
            found.append(token.strip('"'))
    assert not stack
    return found


class NukeNode:
    def __init__(self, kind, knobs, inputs):
        self.kind, self.knobs, self.inputs = kind, knobs, inputs

    def at(self, name, frame):
        """The numbers of a knob at a frame."""
        fields = self.knobs[name]
        return np.array([self._number(field, frame) for field in fields])

    @staticmethod
    def _number(field, frame):
        if not isinstance(field, list):
            return float(field)
        assert field[0] == "curve"
        keys = dict(zip(field[1::2], map(float, field[2::2]), strict=True))
        return keys[f"x{frame}"]

    def matrix(self, frame):
        """Local to world; rotations are about z first, then x, then y."""
        assert self.knobs["rot_order"] == ["ZXY"]
        x, y, z = self.at("rotate", frame)
        matrix = np.eye(4)
        matrix[:3, :3] = _about(1, y) @ _about(0, x) @ _about(2, z)
        if "scaling" in self.knobs:
            matrix[:3, :3] *= self.at("scaling", frame)
        matrix[:3, 3] = self.at("translate", frame)
        return matrix

    def pixels(self, points, frame, size, aspect=1.0):
        """Where a camera sees world points in a format, from the top left."""
        here = points @ np.linalg.inv(self.matrix(frame))[:3, :3].T
        here = here + np.linalg.inv(self.matrix(frame))[:3, 3]
        zoom = 2 * self.at("focal", frame)[0] / self.at("haperture", frame)[0]
        window = self.at("win_translate", frame)
        width, height = size
        x = zoom * here[:, 0] / -here[:, 2] - window[0]
        y = zoom * here[:, 1] / -here[:, 2] - window[1]
        across, upwards = (1 + x) * width / 2, height / 2 + y * width / 2 * aspect
        return np.stack([across, height - upwards], -1)


def read_nuke(text):
    """The nodes of a script by name, with the nodes that their inputs come from."""
    nodes, stack, kept = {}, [], {}
    for line in re.findall(r"^\w+ \{\n(?: .*\n)*\}|^\S.*", text, re.M):
        if line.endswith("}"):
            kind, *lines = line.splitlines()
            knobs = {}
            for each in lines[:-1]:
                name, _, value = each.strip().partition(" ")
                found = _tokens(value)
                flat = len(found) == 1 and isinstance(found[0], list) and found[0][0] != "curve"
                knobs[name] = found[0] if flat else found
            count = int(knobs.get("inputs", ["1"])[0])
            inputs = [stack.pop() for _ in range(count)]
            node = NukeNode(kind.split()[0], knobs, inputs)
            if node.kind != "Root":
                stack.append(node)
            nodes[knobs.get("name", [node.kind])[0]] = node
        elif line.startswith("set "):
            _, name, *what = line.split()
            assert what == ["[stack", "0]"]
            kept[name] = stack[-1]
        elif line.startswith("push "):
            what = line.split()[1]
            stack.append(None if what == "0" else kept[what.removeprefix("$")])
        else:
            assert line.startswith("version ")
    return nodes


def card_corners(node, frame):
    """World corners of a card of one unit: at UV (0, 0), (1, 0), (1, 1), (0, 1)."""
    assert node.knobs["image_aspect"] == ["false"]
    flat = np.array([(-0.5, -0.5, 0), (0.5, -0.5, 0), (0.5, 0.5, 0), (-0.5, 0.5, 0)])
    matrix = node.matrix(frame)
    return flat @ matrix[:3, :3].T + matrix[:3, 3]


# After Effects


class AeLayer:
    def __init__(self, source, is_camera=False):
        self.source, self.is_camera = source, is_camera
        self.values, self.plain, self.keys = {}, {}, {}

    def at(self, name, time):
        if name in self.keys:
            times, values = self.keys[name]
            (index,) = np.flatnonzero(np.abs(np.array(times) - time) < 1e-6)
            return np.array(values[index])
        return np.array(self.values[name])

    def matrix(self, time):
        """Local to world; turned about z first, then y, then x."""
        x, y, z = self.at("ADBE Orientation", time)
        matrix = np.eye(4)
        matrix[:3, :3] = _about(0, x) @ _about(1, y) @ _about(2, z)
        if not self.is_camera:
            matrix[:3, :3] *= self.at("ADBE Scale", time) / 100
        matrix[:3, 3] = self.at("ADBE Position", time)
        if not self.is_camera:
            matrix[:3, 3] -= matrix[:3, :3] @ self.at("ADBE Anchor Point", time)
        return matrix


class AeComp:
    def __init__(self, name, width, height, aspect, duration, fps):
        self.name, self.size = name, (width, height)
        self.aspect, self.duration, self.fps = aspect, duration, fps
        self.layers, self.plain = [], {}

    @property
    def camera(self):
        (camera,) = (layer for layer in self.layers if layer.is_camera)
        return camera

    def pixels(self, points, time):
        """Where its camera sees world points."""
        inverse = np.linalg.inv(self.camera.matrix(time))
        here = points @ inverse[:3, :3].T + inverse[:3, 3]
        zoom = self.camera.at("ADBE Camera Zoom", time)
        width, height = self.size
        return here[:, :2] / here[:, 2:] * zoom + (width / 2, height / 2)


def run_after_effects(text, folder):
    """Carry a script out, statement by statement: its compositions by name, the viewed one."""
    assert text.isascii() and text.startswith("//")
    names, comps, shown = {}, {}, None
    lines = [line.strip() for line in text.splitlines() if line.startswith("    ")]
    for line in lines:
        assert line.endswith(";")
        statement = line[:-1]
        if found := re.fullmatch(r"(\w+) = app\.project\.items\.addComp\((.*)\)", statement):
            comp = AeComp(*json.loads(f"[{found[2]}]"))
            names[found[1]] = comps[comp.name] = comp
        elif found := re.fullmatch(
            r"item = app\.project\.importFile\(new ImportOptions\(new File\(folder \+ (.*)\)\)\)",
            statement,
        ):
            names["item"] = folder / json.loads(found[1]).removeprefix("/")
        elif found := re.fullmatch(r"layer = (\w+)\.layers\.add\((\w+)\)", statement):
            names["layer"] = AeLayer(names[found[2]])
            names[found[1]].layers.insert(0, names["layer"])
        elif found := re.fullmatch(r"camera = comp\.layers\.addCamera\((.*)\)", statement):
            names["camera"] = AeLayer(None, True)
            names["comp"].layers.insert(0, names["camera"])
        elif found := re.fullmatch(
            r'(\w+)\.property\("(ADBE [\w ]+ Group)"\)\.property\("([\w ]+)"\)'
            r"\.(setValue|setValuesAtTimes)\((.*)\)",
            statement,
        ):
            layer, _, name, way, given = found.groups()
            values = json.loads(f"[{given}]")
            if way == "setValue":
                names[layer].values[name] = values[0]
            else:
                assert len(values[0]) == len(values[1])
                names[layer].keys[name] = values
        elif found := re.fullmatch(r"(\w+)\.([\w.]+) = (.*)", statement):
            if found[1] != "item":
                names[found[1]].plain[found[2]] = found[3]
        elif found := re.fullmatch(r"(\w+)\.openInViewer\(\)", statement):
            shown = names[found[1]]
        else:
            assert statement.startswith(("var ", "app.beginUndoGroup", "app.endUndoGroup"))
    return comps, shown
