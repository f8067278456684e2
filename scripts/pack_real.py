"""Pack the licensed real pages into a small folder for training, and list the images that stay out of it.

Only components whose licence allows training are read. A quarter of their images, chosen by a hash of the name, is
never packed: `heldout-<component>.txt` lists them for `minimax-vl eval folder --only`.

    python scripts/pack_real.py --data DIR --out build/real
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from minimax_vl.errors import InvalidRequest
from minimax_vl.vision.ink import inked_area
from minimax_vl.vision.pixels import to_rgb

SHIPPED = ("3751a2099807",)  # minimax_vl/assets/examples/form.png: an example must be new to the model


@dataclass(frozen=True)
class Component:
    """How one source is stored."""

    longest: int  # pixels of the longer side
    shades: int = 0  # greys of a page stored without loss; 0: in colour
    quality: int = 0  # of lossy WebP; 0: without loss
    most: int = 10_000  # images


# Scans are noisy, and with three greys their noise goes; born-digital print keeps its soft edges with four.
COMPONENTS = {
    "forms_fara": Component(1344, shades=3, most=175),
    "invoices_fcc": Component(1344, shades=4),
    "photos_coco": Component(400, quality=35),
    "figures_physics": Component(480, quality=35, most=150),
    "figures_economics": Component(480, quality=35, most=150),
    "shapes_nlvr": Component(400),
}


def held_out(component: str, image: str) -> bool:
    """Whether an image (its path in data.jsonl) is kept for judging: one of four."""
    if Path(image).stem in SHIPPED:
        return True
    return hashlib.sha256(f"{component}/{image}".encode()).digest()[0] % 4 == 0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with one folder per component")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    args = parser.parse_args()
    check_data(args.data)
    args.out.mkdir(parents=True, exist_ok=True)
    for old in (*args.out.glob("*.webp"), *args.out.glob("heldout-*.txt")):
        old.unlink()
    with gzip.open(args.out / "rows.jsonl.gz", "wt", encoding="utf-8") as file:
        for name, component in COMPONENTS.items():
            rows = _by_image(args.data / name)
            kept_out = [image for image in rows if held_out(name, image)]
            (args.out / f"heldout-{name}.txt").write_text(
                "".join(f"{i}\n" for i in kept_out), encoding="utf-8"
            )
            images = [image for image in rows if not held_out(name, image)][: component.most]
            for image in images:
                row = _pack(args.data / name / image, name, component, rows[image], args.out)
                file.write(json.dumps(row, ensure_ascii=True, separators=(",", ":")) + "\n")
            print(f"{name}: {len(images)} packed, {len(kept_out)} kept for judging")
    size = sum(path.stat().st_size for path in args.out.iterdir())
    print(f"{args.out}: {size / 2**20:.1f} MiB")


def check_data(folder: Path) -> None:
    """Raises InvalidRequest, before a pack that stands in --out is replaced."""
    if missing := [name for name in COMPONENTS if not (folder / name / "data.jsonl").is_file()]:
        raise InvalidRequest(
            found=f"no data.jsonl in {', '.join(str(folder / name) for name in missing)}",
            expected=f"a folder for each of {', '.join(COMPONENTS)}",
            cause="a wrong --data, or data that was not fetched whole",
            next_step="give the folder in which those folders lie",
        )


def _by_image(folder: Path) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in (folder / "data.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows[row["image"]].append(row)
    return dict(sorted(rows.items()))


def _pack(
    path: Path, name: str, component: Component, labels: list[dict[str, Any]], out: Path
) -> dict[str, Any]:
    """Store one image without its blank margins and return its row, boxes in pixels of the stored image."""
    with Image.open(path) as opened:
        picture = to_rgb(opened).copy()
    box = inked_area(picture) if component.shades else (0, 0, *picture.size)
    picture = picture.crop(box)
    scale = min(1.0, component.longest / max(picture.size))
    if scale < 1:
        size = (round(picture.width * scale), round(picture.height * scale))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    if component.shades:
        picture = picture.convert("L").quantize(component.shades, dither=Image.Dither.NONE).convert("RGB")
    stored = f"{name}-{path.stem}.webp"
    options = {"quality": component.quality} if component.quality else {"lossless": True, "quality": 60}
    picture.save(out / stored, "WEBP", method=4, **options)
    row: dict[str, Any] = {"image": stored, "source": name, "size": [picture.height, picture.width]}
    for label in labels:
        for key, value in _facts(label, box, scale):
            row.setdefault(key, []).extend(value)
    return row


def _facts(
    label: dict[str, Any], box: tuple[int, int, int, int], scale: float
) -> Iterator[tuple[str, list[Any]]]:
    """(what kind of fact, facts) of one row of data.jsonl, in the short form of rows.jsonl.gz."""
    task = label["task"]
    if task == "qa":
        yield "fields", [[label["field"], label["question"], label["answers"][0]]]
    elif task == "ocr":
        left, top = box[:2]
        moved = ((w["box"], w["text"]) for w in label["words"])
        yield (
            "words",
            [
                [
                    *(round((b - o) * scale) for b, o in zip(corners, (left, top, left, top), strict=True)),
                    text,
                ]
                for corners, text in moved
                if text.isascii() and text.strip()
            ],
        )
    elif task == "caption":
        yield "captions", label["captions"]
        if "kind" in label:
            yield "kinds", [label["kind"]]
    elif task == "objects":
        yield "objects", [thing["name"] for thing in label["objects"]]
    elif task == "yesno":
        yield "statements", [[label["statement"], label["label"] == "true"]]
        yield (
            "boxes",
            [[[item["color"], item["type"], item["size"]] for item in group] for group in label["scene"]],
        )


if __name__ == "__main__":
    from front_door import enter  # beside this file, which is where Python looks

    sys.exit(enter(main))
