"""Numbers on the command line of a bench, as types of argparse; nothing heavy is imported here."""

from __future__ import annotations

import argparse


def size(text: str) -> tuple[int, int]:
    """ "1654x2339" as (1654, 2339)."""
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and min(int(width), int(height)) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a width and a height in pixels, such as 672x672")
    return int(width), int(height)


def natural(text: str) -> int:
    """ "12" as 12; 0 too."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 or more")
    return int(text)


def positive(text: str) -> int:
    """ "12" as 12."""
    if not (text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def minutes(text: str) -> float:
    """ "2.5" as 2.5; a time that is none, such as nan, would never be over."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of minutes above 0")
    return value
