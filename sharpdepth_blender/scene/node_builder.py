"""Node builder: Geometry Nodes and shader nodes written as formulas.

A `Socket` stands for an output socket; arithmetic on it adds Math nodes, each of which does one
operation in single precision.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast

import bpy

# What arithmetic takes: a socket's value, or a constant.
Operand: TypeAlias = "Socket | float"

_COLUMN, _ROW = 190, 190  # spacing of the nodes when a tree is laid out


class Socket:
    """The value of an output socket: a field over the elements of a geometry, or a single value."""

    def __init__(self, tree: "NodeTree", socket: bpy.types.NodeSocket) -> None:
        self.tree = tree
        self.socket = socket

    def __add__(self, other: Operand) -> "Socket":
        return self.tree.math("ADD", self, other)

    def __sub__(self, other: Operand) -> "Socket":
        return self.tree.math("SUBTRACT", self, other)

    def __mul__(self, other: Operand) -> "Socket":
        return self.tree.math("MULTIPLY", self, other)

    def __truediv__(self, other: Operand) -> "Socket":
        return self.tree.math("DIVIDE", self, other)

    def __rsub__(self, other: Operand) -> "Socket":
        return self.tree.math("SUBTRACT", other, self)

    def __rtruediv__(self, other: Operand) -> "Socket":
        return self.tree.math("DIVIDE", other, self)

    def __gt__(self, other: Operand) -> "Socket":
        return self.tree.compare("GREATER_THAN", self, other)

    def __ge__(self, other: Operand) -> "Socket":
        return self.tree.compare("GREATER_EQUAL", self, other)

    def __le__(self, other: Operand) -> "Socket":
        return self.tree.compare("LESS_EQUAL", self, other)

    def __and__(self, other: Operand) -> "Socket":
        return self.tree.logic("AND", self, other)

    def __or__(self, other: Operand) -> "Socket":
        return self.tree.logic("OR", self, other)

    def __invert__(self) -> "Socket":
        return self.tree.logic("NOT", self)

    def floor(self) -> "Socket":
        """Round down to a whole number."""
        return self.tree.math("FLOOR", self)

    def magnitude(self) -> "Socket":
        """Absolute value."""
        return self.tree.math("ABSOLUTE", self)

    def minimum(self, other: Operand) -> "Socket":
        """The smaller of both values."""
        return self.tree.math("MINIMUM", self, other)

    def maximum(self, other: Operand) -> "Socket":
        """The larger of both values."""
        return self.tree.math("MAXIMUM", self, other)


@dataclass(frozen=True)
class Input:
    """An input of a node group.

    Attributes:
        name: Name that the user sees and scripts use.
        kind: `Float`, `Int`, `Bool`, `Color`, `Image`, `Material`, `Menu` or `Geometry`.
        default: Value in a new modifier; None for kinds without values.
        low: Smallest value of a number.
        high: Largest value of a number.
        subtype: `NONE`, `FACTOR` or `DISTANCE`, for a number.
        description: Tooltip.
    """

    name: str
    kind: str
    default: object = None
    low: float | None = None
    high: float | None = None
    subtype: str = "NONE"
    description: str = ""


class NodeTree:
    """Builds a Geometry Nodes group.

    Args:
        group: Empty `GeometryNodeTree` to fill.
    """

    _CALL = "GeometryNodeGroup"

    def __init__(self, group: bpy.types.NodeTree) -> None:
        self.group = group
        self._input = group.nodes.new("NodeGroupInput")
        self._output: bpy.types.Node | None = None

    def add_input(
        self, wanted: Input, panel: bpy.types.NodeTreeInterfacePanel | None = None
    ) -> Socket:
        """Add an input to the group, optionally in a panel of its interface."""
        socket = self._new_socket(wanted.name, "INPUT", wanted.kind, panel)
        socket.description = wanted.description
        if wanted.subtype != "NONE":
            socket.subtype = wanted.subtype
        if wanted.low is not None:
            socket.min_value = wanted.low
        if wanted.high is not None:
            socket.max_value = wanted.high
        if wanted.default is not None and wanted.kind != "Menu":  # a menu has no items yet
            socket.default_value = wanted.default
        return Socket(self, self._input.outputs[wanted.name])

    def capture(self, geometry: Socket, domain: str, **fields: Socket) -> tuple[Socket, ...]:
        """Capture fields on a geometry, so that they keep their values when it changes.

        Returns:
            (geometry, captured fields in their order ...).
        """
        node = self.node("GeometryNodeCaptureAttribute", {"domain": domain}, Geometry=geometry)
        captured = cast(bpy.types.GeometryNodeCaptureAttribute, node).capture_items
        for name, field in fields.items():
            captured.new("FLOAT", name)
            self._feed(_socket(node.inputs, name), field)
        return self.output(node, "Geometry"), *(self.output(node, name) for name in fields)

    def at(self, index: Socket, value: Socket) -> Socket:
        """The value at the vertex with an index."""
        settings = {"data_type": "FLOAT", "domain": "POINT"}
        node = self.node("GeometryNodeFieldAtIndex", settings, Index=index, Value=value)
        return self.output(node)

    def sample(self, geometry: Socket, index: Operand, value: Socket) -> Socket:
        """The value at the point of another geometry that has an index, 0 where none has it."""
        node = self.node(
            "GeometryNodeSampleIndex", {"data_type": "FLOAT", "domain": "POINT"},
            Geometry=geometry, Index=index, Value=value,
        )  # fmt: skip
        return self.output(node)

    def rank(self, domain: str, selected: Socket) -> Socket:
        """How many selected elements come before each: its index where these alone are kept."""
        settings = {"data_type": "INT", "domain": domain}
        node = self.node("GeometryNodeAccumulateField", settings, Value=selected)
        return self.output(node, "Trailing")

    def menu(self, choice: Socket, **geometries: Socket) -> Socket:
        """The geometry that a menu input chooses, given by the names of its two items."""
        node = self.node("GeometryNodeMenuSwitch", {"data_type": "GEOMETRY"})
        items = cast(bpy.types.GeometryNodeMenuSwitch, node).enum_items
        for item, (name, geometry) in zip(items, geometries.items(), strict=True):
            item.name = name
            self._feed(_socket(node.inputs, name), geometry)
        self._feed(_socket(node.inputs, "Menu"), choice)
        return self.output(node, "Output")

    def set_output(self, name: str, kind: str, value: Socket) -> None:
        """Make a socket an output of the group, of a kind as in `Input`."""
        self._new_socket(name, "OUTPUT", kind)
        if self._output is None:
            self._output = self.group.nodes.new("NodeGroupOutput")
        self.group.links.new(value.socket, self._output.inputs[name])

    def call(self, group: bpy.types.NodeTree, inputs: Mapping[str, object]) -> Socket:
        """The first output of another group, given its inputs by name."""
        return self.output(self.group_node(group, inputs))

    def group_node(self, group: bpy.types.NodeTree, inputs: Mapping[str, object]) -> bpy.types.Node:
        """Add the node of another group, given its inputs by name."""
        node = self.node(self._CALL, {"node_tree": group})
        for name, value in inputs.items():
            self._feed(node.inputs[name], value)
        return node

    def node(
        self, kind: str, settings: Mapping[str, object] | None = None, **inputs: object
    ) -> bpy.types.Node:
        """Add a node.

        Args:
            kind: `bl_idname` of the node.
            settings: Properties of the node, by name.
            **inputs: Values of its input sockets, by their name with `_` for a space: a `Socket` to
                link, a constant, or None to leave the input alone.

        Returns:
            The node.
        """
        node = self.group.nodes.new(kind)
        for name, value in (settings or {}).items():
            setattr(node, name, value)
        for name, value in inputs.items():
            self._feed(_socket(node.inputs, name.replace("_", " ")), value)
        return node

    def output(self, node: bpy.types.Node, name: str | None = None) -> Socket:
        """An output of a node: the one with a name, or the first visible one."""
        if name is None:
            return Socket(self, next(socket for socket in node.outputs if socket.enabled))
        return Socket(self, _socket(node.outputs, name))

    def math(self, operation: str, *operands: Operand) -> Socket:
        """The result of a Math node."""
        return self._operate("ShaderNodeMath", {"operation": operation}, "Value", operands)

    def whole_quotient(self, one: Operand, other: Operand) -> "Socket":
        """How often a whole number goes into another, exactly."""
        settings = {"operation": "DIVIDE"}
        return self._operate("FunctionNodeIntegerMath", settings, "Value", (one, other))

    def dot(
        self, one: Socket | tuple[float, float, float], other: Socket | tuple[float, float, float]
    ) -> Socket:
        """The dot product of two vectors."""
        settings = {"operation": "DOT_PRODUCT"}
        return self._operate("ShaderNodeVectorMath", settings, "Vector", (one, other))

    def vector(self, x: Operand, y: Operand, z: Operand = 0.0) -> Socket:
        """A vector from its components."""
        return self.output(self.node("ShaderNodeCombineXYZ", X=x, Y=y, Z=z))

    def logic(self, operation: str, *operands: Operand) -> Socket:
        """The result of a Boolean Math node."""
        settings = {"operation": operation}
        return self._operate("FunctionNodeBooleanMath", settings, "Boolean", operands)

    def compare(self, operation: str, one: Operand, other: Operand) -> Socket:
        """A boolean: whether a comparison of two numbers holds."""
        node = self.node(
            "FunctionNodeCompare", {"data_type": "FLOAT", "operation": operation}, A=one, B=other
        )
        return self.output(node)

    def choose(self, condition: Operand, one: Operand, other: Operand) -> Socket:
        """The number `one` where the condition holds, `other` elsewhere."""
        node = self.node(
            "GeometryNodeSwitch", {"input_type": "FLOAT"}, Switch=condition, True_=one, False_=other
        )
        return self.output(node)

    def set_default(self, name: str, value: object) -> None:
        """Set the default of an input that cannot have one before it is linked."""
        for item in self.group.interface.items_tree:
            if item.item_type == "SOCKET" and item.in_out == "INPUT" and item.name == name:
                item.default_value = value

    def arrange(self) -> None:
        """Lay the nodes out from left to right, each to the right of its inputs."""
        nodes = list(self.group.nodes)
        level: dict[str, int] = {}
        sources: dict[str, list[str]] = {node.name: [] for node in nodes}
        for link in self.group.links:
            sources[link.to_node.name].append(link.from_node.name)

        def level_of(name: str) -> int:
            if name not in level:
                level[name] = 1 + max(map(level_of, sources[name]), default=-1)
            return level[name]

        filled: dict[int, int] = {}
        places: list[int] = []
        for node in nodes:
            column = level_of(node.name)
            row = filled[column] = filled.get(column, -1) + 1
            places += column * _COLUMN, -row * _ROW
        self.group.nodes.foreach_set("location", places)

    def _new_socket(
        self,
        name: str,
        in_out: Literal["INPUT", "OUTPUT"],
        kind: str,
        panel: bpy.types.NodeTreeInterfacePanel | None = None,
    ) -> Any:
        """Add a socket to the group's interface; its class depends on the kind."""
        return self.group.interface.new_socket(
            name,
            in_out=in_out,
            socket_type=f"NodeSocket{kind}",  # type: ignore[arg-type]  # depends on the kind of tree
            parent=panel,
        )

    def _operate(
        self, kind: str, settings: Mapping[str, object], name: str, operands: Sequence[object]
    ) -> Socket:
        """Add a node whose inputs share one name and differ by identifier alone."""
        node = self.node(kind, settings)
        identifiers = (name, f"{name}_001")
        for identifier, value in zip(identifiers, operands, strict=False):
            socket = next(each for each in node.inputs if each.identifier == identifier)
            self._feed(socket, value)
        return self.output(node)

    def _feed(self, socket: bpy.types.NodeSocket, value: object) -> None:
        if isinstance(value, Socket):
            self.group.links.new(value.socket, socket)
        elif value is not None:
            # Only sockets of geometry and shaders have none.
            socket.default_value = value  # type: ignore[attr-defined]


class ShaderTree(NodeTree):
    """Builds a group of shader nodes, in which true is 1 and false is 0.

    Args:
        group: Empty `ShaderNodeTree` to fill.
    """

    _CALL = "ShaderNodeGroup"

    def logic(self, operation: str, *operands: Operand) -> Socket:
        """The result of a logical operation, 0 or 1."""
        if operation == "NOT":
            return self.math("SUBTRACT", 1, operands[0])
        return self.math({"AND": "MINIMUM", "OR": "MAXIMUM"}[operation], *operands)

    def compare(self, operation: str, one: Operand, other: Operand) -> Socket:
        """1 where a comparison of two numbers holds, else 0."""
        if operation == "GREATER_THAN":
            return self.math(operation, one, other)
        if operation == "GREATER_EQUAL":
            return 1 - self.math("LESS_THAN", one, other)
        return 1 - self.math("GREATER_THAN", one, other)

    def choose(self, condition: Operand, one: Operand, other: Operand) -> Socket:
        """The number `one` where the condition is 1, `other` where it is 0."""
        return self.output(self.node("ShaderNodeMix", Factor=condition, A=other, B=one))


def _socket(sockets: Iterable[bpy.types.NodeSocket], name: str) -> bpy.types.NodeSocket:
    """Find a visible socket by its name, or its identifier where names differ by version."""
    name = name.strip()  # `True_` and `False_` avoid Python's keywords
    return next(
        socket for socket in sockets if socket.enabled and name in (socket.name, socket.identifier)
    )
