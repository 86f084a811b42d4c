"""ICC profiles of matrix and tone curve (ICC.1:2010), made from published primaries."""

import struct

# Red, green and blue in XYZ, adapted to D50 (Bradford).
DISPLAY_P3 = (
    (0.51512, 0.24120, -0.00105),
    (0.29198, 0.69225, 0.04189),
    (0.15710, 0.06657, 0.78407),
)
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
SRGB_CURVE = (3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
ADOBE_CURVE = (0, 563 / 256)


def rgb_profile(primaries, curve, name):
    """A profile with these primaries and this parametric curve, (type, parameters...)."""
    kind, *parameters = curve
    tags = {
        b"desc": _text(name),
        b"cprt": _text("No copyright"),
        b"wtpt": _xyz((0.9642, 1.0, 0.8249)),
        **{
            tag: _xyz(each)
            for tag, each in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)
        },
        **dict.fromkeys(
            (b"rTRC", b"gTRC", b"bTRC"),
            b"para" + bytes(4) + struct.pack(">HH", kind, 0) + b"".join(map(_fixed, parameters)),
        ),
    }
    return _profile(tags, b"RGB ", b"XYZ ")


def gray_profile(gamma, name):
    """A profile of gray values whose tone curve is a power."""
    tags = {
        b"desc": _text(name),
        b"cprt": _text("No copyright"),
        b"wtpt": _xyz((0.9642, 1.0, 0.8249)),
        b"kTRC": b"para" + bytes(4) + struct.pack(">HH", 0, 0) + _fixed(gamma),
    }
    return _profile(tags, b"GRAY", b"XYZ ")


def cmyk_profile(colors, name):
    """A profile of inks: `colors` is a function from (c, m, y, k), each 0 or 1, to L*, a*, b*.

    Between those 16 colors it is linear in Lab (lut8Type).
    """
    lut = b"mft1" + bytes(4) + bytes([4, 3, 2, 0])
    lut += b"".join(map(_fixed, (1, 0, 0, 0, 1, 0, 0, 0, 1))) + bytes(range(256)) * 4
    for number in range(16):  # the last ink changes fastest
        light, a, b = colors(*(number >> shift & 1 for shift in (3, 2, 1, 0)))
        lut += bytes([round(light * 2.55), round(a) + 128, round(b) + 128])
    tags = {
        b"desc": _text(name),
        b"cprt": _text("No copyright"),
        b"wtpt": _xyz((0.9642, 1.0, 0.8249)),
        b"A2B0": lut + bytes(range(256)) * 3,
    }
    return _profile(tags, b"CMYK", b"Lab ", b"prtr")


def _profile(tags, space, connection, kind=b"mntr"):
    at = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for tag, value in tags.items():
        table += tag + struct.pack(">II", at + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    header = bytes(8) + struct.pack(">I", 0x04300000) + kind + space + connection
    header += bytes(12) + b"acsp"
    header += bytes(28) + b"".join(map(_fixed, (0.9642, 1.0, 0.8249))) + bytes(48)
    return struct.pack(">I", at + len(body)) + header[4:] + table + body


def _fixed(value):
    return struct.pack(">i", round(value * 65536))


def _xyz(value):
    return b"XYZ " + bytes(4) + b"".join(map(_fixed, value))


def _text(text):
    encoded = text.encode("utf-16-be")
    return (
        b"mluc"
        + bytes(4)
        + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(encoded), 28)
        + encoded
    )
