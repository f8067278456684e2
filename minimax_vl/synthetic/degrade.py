"""Wear of a drawn page that moves nothing: light, fading, folds, dust, resampling, thresholds, JPEG, blur and noise."""

from __future__ import annotations

import io
import random

import numpy as np

from minimax_vl.synthetic.warp import warp

SMALLEST = 9.0  # em height in pixels that resampling leaves to half of the print
FINEST_SCREENED = 14.0  # em height of print that stays legible between dots


def worn(
    image: np.ndarray,
    glyphs: np.ndarray,
    rng: random.Random,
    *,
    mild: bool,
    level: float = 1.0,
    coloured: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """A page as a scanner or a telephone hands it over, and its labels moved with it.

    image uint8 [H, W, 3]; glyphs float32 [N, 4] as in `Page`. A third of the pages stays as drawn; `mild` is the
    wear of held-out pages; `level` 0..1 is the strength at a moment of the curriculum. What is `coloured` keeps its
    colours.
    """
    if rng.random() < (0.5 if mild else 0.3):
        return image, glyphs
    strength = (0.35 if mild else 1.0) * level
    page = (
        image[:, :, 1] if rng.random() < 0.65 and not coloured else image
    )  # scans are mostly grey, and a third of the work
    if not coloured and rng.random() < (0.1 if mild else 0.35):
        page = _inked(page, rng, strength)
    if rng.random() < (0.3 if mild else 0.55):
        page, glyphs = warp(page, glyphs, rng, strength=strength)
    lit = rng.random() < (0.2 if mild else 0.45)
    if lit:
        page = _lit(page, rng, strength)
    if not mild and rng.random() < 0.16 * level:
        page = _sampled(page, glyphs, rng)
    if not mild and page.ndim == 2 and not lit and rng.random() < 0.25 * level:
        coarse = len(glyphs) > 0 and np.quantile(glyphs[:, 2], 0.1) >= FINEST_SCREENED
        page = (_screened if coarse and rng.random() < 0.4 else _thresholded)(page, rng)
    if rng.random() < 0.15 * strength:
        page = _dusty(page, rng)
    if rng.random() < (0.3 if mild else 0.5):
        page = _jpeg(page, rng.randint(65, 95) if mild else round(rng.triangular(22, 95, 60)))
    return (page if page.ndim == 3 else np.repeat(page[:, :, None], 3, axis=2)), glyphs


def degrade(image: np.ndarray, rng: random.Random) -> np.ndarray:
    """Mild blur, contrast and noise (uint8 [H, W, 3]), for held-out pages; training adds its own on the device."""
    page = image.astype(np.float32)
    if rng.random() < 0.4:  # blur: a three-tap kernel both ways
        side = rng.uniform(0.05, 0.18)
        for axis in (0, 1):
            page = (1 - 2 * side) * page + side * (np.roll(page, 1, axis) + np.roll(page, -1, axis))
    contrast, shift = rng.uniform(0.75, 1.0), rng.uniform(-10, 10)
    page = (page - 128) * contrast + 128 + shift
    noise = rng.uniform(0, 7)
    draw = np.random.default_rng(rng.getrandbits(64)).standard_normal(page.shape[:2], dtype=np.float32)
    page += noise * draw[:, :, None]
    return np.clip(page, 0, 255).astype(np.uint8)


def _lit(image: np.ndarray, rng: random.Random, strength: float) -> np.ndarray:
    """Uneven light, shadows, folds, and print that fades in bands: factors on brightness and on ink."""
    h, w = image.shape[:2]
    light = np.full((h, w), 256, dtype=np.uint16)
    draw = rng.random()
    if draw < 0.55:  # soft unevenness: a coarse field, enlarged
        light = _coarse(rng, h, w, round(256 - 110 * strength), 256)
    elif draw < 0.8:  # folds: thin dark or bright creases across or down the page
        for _ in range(rng.randint(1, 3)):
            across = rng.random() < 0.6
            length = h if across else w
            away = np.abs(np.arange(length) - rng.uniform(0.1, 0.9) * length)
            crease = 256 - np.maximum(0, 1 - away / rng.uniform(2, 9)) * rng.uniform(20, 90) * strength
            profile = crease.astype(np.uint16)
            light = np.minimum(light, profile[:, None] if across else profile[None, :])
    else:  # a shadow with a soft straight edge, as a hand or a telephone throws it
        slope, place = rng.uniform(-1, 1), rng.uniform(0.2, 0.8)
        side = (np.arange(w)[None, :] / w - place) + slope * (np.arange(h)[:, None] / h - 0.5)
        ramp = np.clip(0.5 + side * rng.uniform(2, 14), 0, 1).astype(np.float32)
        light = (256 - ramp * rng.uniform(20, 110) * strength).astype(np.uint16)
    page = _scaled(image, light)
    if rng.random() < 0.35:  # fading: the ink's distance from white shrinks
        keep = _coarse(rng, h, w, round(256 - 130 * strength), 256)
        page = 255 - _scaled(255 - page, keep)
    if rng.random() < 0.12:  # the print head's rows: every third is weaker
        rows = page[rng.randint(0, 2) :: rng.choice((3, 4))]
        rows[:] = 255 - (255 - rows) // 5 * rng.randint(2, 4)
    if rng.random() < 0.1:  # the back of the sheet shows through, mirrored
        through = 255 - ((255 - page[:, ::-1]) // rng.randint(6, 14))
        page = np.minimum(page, through)
    return page


def _inked(page: np.ndarray, rng: random.Random, strength: float) -> np.ndarray:
    """Strokes that spread or stayed thin by part of a pixel, and ink that did not take everywhere."""
    draw = rng.random()
    if draw < 0.6:
        spread, across = np.minimum if draw < 0.35 else np.maximum, rng.random() < 0.6
        near = page[:, 1:] if across else page[1:]
        moved = page.copy()
        kept = moved[:, :-1] if across else moved[:-1]
        kept[:] = spread(kept, near)
        share = round(256 * strength * rng.uniform(0.2, 0.9 if spread is np.minimum else 0.6))
        page = ((moved * np.uint16(share) + page * np.uint16(256 - share)) >> 8).astype(np.uint8)
    if draw > 0.3:
        h, w = page.shape[:2]
        grain = rng.choice((1, 1, 2, 3))  # pixels a side
        least = round(256 - strength * rng.uniform(60, 190))
        patch = np.random.default_rng(rng.getrandbits(32)).integers(least, 257, (97, 101), dtype=np.uint16)
        patch = patch.repeat(grain, axis=0).repeat(grain, axis=1)
        times = (-(-h // len(patch)), -(-w // patch.shape[1]))
        page = 255 - _scaled(255 - page, np.tile(patch, times)[:h, :w])
    return page


def _scaled(page: np.ndarray, share: np.ndarray) -> np.ndarray:
    """uint8 [h, w] or [h, w, 3] times share / 256, uint16 [h, w]."""
    share = share if page.ndim == 2 else share[:, :, None]
    return ((page * share) >> 8).astype(np.uint8)


def _coarse(rng: random.Random, h: int, w: int, low: int, high: int) -> np.ndarray:
    """A smooth random field uint16 [h, w] between low and high (at most 256)."""
    from PIL import Image

    draw = np.random.default_rng(rng.getrandbits(32)).integers(
        low - 1, high, (rng.randint(2, 5), rng.randint(2, 5))
    )
    field = Image.fromarray(draw.clip(0, 255).astype(np.uint8)).resize((w, h), Image.Resampling.BILINEAR)
    return np.asarray(field).astype(np.uint16) + 1


def _sampled(image: np.ndarray, glyphs: np.ndarray, rng: random.Random) -> np.ndarray:
    """Taken at a lower resolution and enlarged again, as far as the print can bear it."""
    from PIL import Image

    em = float(np.median(glyphs[:, 2])) if len(glyphs) else 24.0
    share = max(rng.uniform(0.55, 0.95), min(SMALLEST / em, 1.0))
    h, w = image.shape[:2]
    small = Image.fromarray(image).resize(
        (max(round(w * share), 8), max(round(h * share), 8)), Image.Resampling.BILINEAR
    )
    return np.asarray(small.resize((w, h), Image.Resampling.BILINEAR)).copy()


def _thresholded(image: np.ndarray, rng: random.Random) -> np.ndarray:
    """A grey page in black and white only, as office scanners and fax machines store a page."""
    paper, ink = int(np.percentile(image[::9, ::9], 80)), int(image[::3, ::3].min())
    limit = ink + (paper - ink) * rng.uniform(0.45, 0.7)
    return np.where(image > limit, 255, 0).astype(np.uint8)


def _screened(image: np.ndarray, rng: random.Random) -> np.ndarray:
    """A grey page as a newspaper prints it: what lies between paper and ink is dots, larger where it is darker."""
    side = rng.choice((3, 4, 4, 5))
    away = np.abs(np.arange(side) - (side - 1) / 2)
    spot = np.add.outer(away**2, away**2 * 1.01).ravel()  # from a dot's middle, no two alike
    rank = np.empty(side * side)
    rank[np.argsort(-spot, kind="stable")] = np.arange(side * side)
    paper, ink = int(np.percentile(image[::9, ::9], 80)), int(image[::3, ::3].min())
    low, high = ink + 0.6 * (paper - ink), ink + 0.98 * (paper - ink)  # strokes stay whole
    limit = low + (high - low) * ((rank + 0.5) / side**2).reshape(side, side)
    h, w = image.shape
    limits = np.tile(limit, (-(-h // side), -(-w // side)))[:h, :w]
    return np.where(image > limits, 255, rng.randint(0, 40)).astype(np.uint8)


def _dusty(image: np.ndarray, rng: random.Random) -> np.ndarray:
    """Specks all over, and sometimes the black edge of a scan or the holes of a binder."""
    h, w = image.shape[:2]
    page = image.copy()
    draw = np.random.default_rng(rng.getrandbits(32))
    count = rng.randint(20, 400)
    page[draw.integers(0, h, count), draw.integers(0, w, count)] = rng.choice((0, 0, 60, 255))
    if rng.random() < 0.5:
        thick = max(round(0.012 * w * rng.random()), 1)
        edge = rng.choice((np.s_[:, :thick], np.s_[:, -thick:], np.s_[:thick], np.s_[-thick:]))
        page[edge] = rng.randint(0, 40)
    for _ in range(rng.choice((0, 0, 1, 2))):  # punched holes
        side = rng.randint(8, 18)
        y, x = rng.randint(0, max(h - side, 1)), rng.randint(0, max(w - side, 1))
        rows, columns = np.mgrid[0:side, 0:side] - (side - 1) / 2
        hole = page[y : y + side, x : x + side]
        hole[(rows**2 + columns**2 < side**2 / 4)[: hole.shape[0], : hole.shape[1]]] = rng.choice(
            (0, 20, 200)
        )
    return page


def _jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file)).copy()
