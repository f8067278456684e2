"""Small charts as HTML: they follow the page's colours in light and dark, and say everything in text as well."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

# Dark blue over teal to pale yellow: lightness rises all the way, so it also reads without colour.
RAMP = np.array(
    [(22, 24, 62), (33, 71, 117), (26, 127, 137), (78, 184, 127), (190, 223, 102), (253, 246, 178)]
)


def ramp(values: np.ndarray) -> np.ndarray:
    """Values 0 to 1 [...] as colours [..., 3] uint8."""
    at = np.clip(np.nan_to_num(values), 0, 1) * (len(RAMP) - 1)
    return np.stack([np.interp(at, range(len(RAMP)), RAMP[:, c]) for c in range(3)], -1).astype(np.uint8)


def data_uri(picture: Image.Image, kind: str = "PNG") -> str:
    """A picture inside the page: nothing is written to a disk."""
    data = io.BytesIO()
    picture.save(data, kind, **({"quality": 82} if kind == "JPEG" else {"optimize": True}))
    return f"data:image/{kind.lower()};base64,{base64.b64encode(data.getvalue()).decode()}"


def overlay(density: np.ndarray) -> Image.Image:
    """A veil to lay over the picture, thin and light where the weight is, so that it can be read there."""
    values = np.sqrt(
        density / max(float(density.max()), 1e-12)
    )  # a few cells hold most; show the rest as well
    alpha = (255 * (0.66 - 0.5 * values)).astype(np.uint8)
    return Image.fromarray(np.dstack([ramp(values), alpha]))


def cells(values: np.ndarray, alt: str) -> str:
    """A matrix [rows, columns] of 0 to 1 as a picture, one cell a pixel, stretched by the page."""
    uri = data_uri(Image.fromarray(ramp(values)))
    return f'<img class="cells" src="{uri}" alt="{html.escape(alt)}">'


def stack(parts: Sequence[tuple[str, float, str]], unit: str = "s") -> str:
    """One bar of named parts (name, amount, remark), with a list below that says the same."""
    total = sum(amount for _, amount, _ in parts) or 1.0
    bar = "".join(
        f'<span class="part part{i}" style="flex:{amount / total:.4f}" title="{html.escape(name)}"></span>'
        for i, (name, amount, _) in enumerate(parts)
    )
    rows = "".join(
        f'<li><i class="part{i}"></i><b>{html.escape(name)}</b> {amount:.2f} {unit}'
        f"<small>{html.escape(remark)}</small></li>"
        for i, (name, amount, remark) in enumerate(parts)
    )
    return f'<div class="stack">{bar}</div><ul class="legend">{rows}</ul>'


def columns(shares: np.ndarray, labels: Sequence[str], balance: Sequence[float], tops: Sequence[str]) -> str:
    """Shares [rows, parts], each row of sum 1, as bars cut into parts; the balance stands behind each."""
    rows = []
    for row, label, even, top in zip(shares, labels, balance, tops):
        parts = "".join(
            f'<span class="share" style="flex:{max(share, 0.0):.4f}" title="expert {i}: {share:.0%}">'
            f"{i if share >= 0.1 else ''}</span>"
            for i, share in enumerate(row)
        )
        rows.append(
            f'<div class="bar" title="{html.escape(top)}"><span class="name">{html.escape(label)}</span>'
            f'<span class="shares">{parts}</span><span class="even">{even:.2f}</span></div>'
        )
    return f'<div class="bars">{"".join(rows)}</div>'
