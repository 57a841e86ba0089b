"""Changes made at random to files: to their bytes, numbers, tokens, and the parts they are joined from."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

Parts = tuple[tuple[str, bytes], ...]
"""What a file is joined from, by name: the files in a container, the objects of a PDF, or all as one."""

LARGEST = 400_000
"""Bytes of a part. A reader that takes the square of a length shows it here, and the others stay quick."""
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_NUMBERS = [*b"0 1 -1 2 0.0001 7 32 255 256 65535 65536 -32768 2147483648 1e309 nan".split(), b"9" * 30]
# White space and line ends of all kinds, controls, what joins or turns letters, what no text may hold.
_LETTERS = (
    "\0 \t \n \r \v \f \x1b \x1c \x1d \x1f \x7f \x85 \x9b \xa0 \xad \u0301 \u1680 \u200b \u200d \u202e "
    "\u2028 \u2029 \u2066 \u3000 \ufdd0 \ufeff \ufffd \uffff \ue000 \U000e0001 \U0001f468 \U0010ffff İ ß ǅ ﬁ "
    ". ! ? 。 \ud800 \udfff"
).split(" ")
_ENCODED = [letter.encode("utf-8", "surrogatepass") for letter in _LETTERS]


@dataclass(frozen=True, slots=True)
class Material:
    """What is changed, and with what."""

    seeds: tuple[Parts, ...]
    joined: Callable[[Parts], bytes]
    token: re.Pattern[bytes]
    shards: tuple[bytes, ...]
    """What a format gives a meaning to."""
    mended: Callable[[bytes], bytes] | None = None
    """Makes a part well-formed again, so that the reader goes past the parser."""


def mutated(material: Material, chance: Random) -> bytes:
    """One of the seeds, changed in one to some places."""
    parts = list(chance.choice(material.seeds))
    for _ in range(chance.choice((1, 1, 2, 2, 4, 12))):
        # Short parts hold the others together: a file without one of them is refused at once.
        weights = [len(part) + 20 for _, part in parts]
        at = chance.choices(range(len(parts)), weights)[0]
        name, part = parts[at]
        match chance.randrange(40):
            case 0 if len(parts) > 1:
                del parts[at]
            case 1:
                parts[at] = (name, chance.choice(chance.choice(material.seeds))[1])
            case 2:
                parts.insert(at, (name + chance.choice(("", "x", "/")), part))
            case _:
                part = _changed(part, material, chance)[:LARGEST]
                if material.mended and chance.random() < 0.8:
                    part = material.mended(part)
                parts[at] = (name, part)
    data = material.joined(tuple(parts))
    return _changed(data, material, chance) if chance.random() < 0.1 else data


def _changed(data: bytes, material: Material, chance: Random) -> bytes:
    if chance.random() < 0.4:
        return _with_other_bytes(data, material, chance)
    if chance.random() < 0.3:
        return _with_other_number(data, chance)
    return b"".join(_rearranged(material.token.findall(data), material, chance))


def _with_other_bytes(data: bytes, material: Material, chance: Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    put = chance.choice((material.shards, _ENCODED, (b"", chance.randbytes(1))))
    return data[:at] + chance.choice(put) + data[at + chance.choice((0, 0, 1, 9, 40)) :]


def _with_other_number(data: bytes, chance: Random) -> bytes:
    numbers = list(_NUMBER.finditer(data))
    if not numbers:
        return data
    number = chance.choice(numbers)
    return data[: number.start()] + chance.choice(_NUMBERS) + data[number.end() :]


def _rearranged(tokens: list[bytes], material: Material, chance: Random) -> list[bytes]:
    at, length = chance.randrange(len(tokens) + 1), chance.choice((1, 1, 2, 5, 20))
    some = tokens[at : at + length]
    to = chance.randrange(len(tokens) + 1)
    match chance.randrange(6):
        case 0:
            return tokens[:at] + tokens[at + length :]
        case 1:
            return tokens[:to] + some + tokens[to:]
        case 2:
            most = LARGEST // (sum(map(len, some)) + 1)
            times = most if chance.random() < 0.02 else chance.choice((2, 2, 3, 9, 9, 100))
            return tokens[:at] + some * min(most, times) + tokens[at:]
        case 3:
            return tokens[:at] + some[::-1] + tokens[at + length :]
        case 4:
            others = material.token.findall(chance.choice(chance.choice(material.seeds))[1]) or [b""]
            other = chance.randrange(len(others))
            return tokens[:at] + others[other : other + length] + tokens[at + 1 :]
        case _:
            return [
                *tokens[:at],
                chance.choice(material.shards) * chance.choice((1, 1, 2, 300)),
                *tokens[at:],
            ]
