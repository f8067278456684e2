"""Collect the faces that pages are drawn with: Debian packages in, ASCII subsets and a manifest out.

Needs apt-get, dpkg and fontTools, no root and no installed font. The faces below were chosen by eye from a
contact sheet: plain text faces only, since symbol, ornament, keyboard and caps-only faces draw glyphs that
lie about their code. Licence texts of all packages used are copied beside the faces.

    python scripts/get_fonts.py --out build/fonts          # the training faces
    python scripts/get_fonts.py --bundle minimax_vl/assets/fonts   # the few faces that ship in the package
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

STYLES = {  # shorthand -> style names as the faces themselves spell them, lower case
    "R": ("regular", "roman", "book", "10 regular", "mono", "medium"),
    "B": ("bold", "10 bold", "sans-bold", "demibold", "demi", "semibold"),
    "I": ("italic", "oblique", "book oblique", "10 italic", "light italic"),
    "L": ("light",),
    "M": ("medium",),
    "S": ("semi bold", "semibold"),
    "Bk": ("sans-book",),
    "C": ("condensed", "cond"),
    "H": ("hand",),
}
# Family: styles, per package. Families of HELD_OUT and their look-alikes (Liberation Mono for Cousine; Noto and
# Droid Sans for Open Sans; Gentium Plus) must not be listed here.
TRAIN = """
fonts-3270 | IBM 3270 Condensed: C
fonts-adf-accanthis | Accanthis ADF Std: R B
fonts-adf-baskervald | Baskervald ADF Std: R B
fonts-adf-berenis | Berenis ADF Pro: R
fonts-adf-gillius | Gillius ADF: R B C
fonts-adf-ikarius | Ikarius ADF Std: R
fonts-adf-libris | Libris ADF Std: R B
fonts-adf-mekanus | Mekanus ADF Std: R
fonts-adf-romande | Romande ADF Std: R
fonts-adf-switzera | Switzera ADF: R B L C
fonts-adf-tribun | Tribun ADF Std: R B C
fonts-adf-universalis | Universalis ADF Std: R B C
fonts-adf-verana | Verana Sans: R B
fonts-agave | Agave: R
fonts-anonymous-pro | Anonymous Pro: R B
fonts-arapey | Arapey: R
fonts-averia-sans-gwf | Averia Sans GWF: R B
fonts-averia-serif-gwf | Averia Serif GWF: R I
fonts-b612 | B612: R; B612 Mono: R B
fonts-breip | Breip: R
fonts-cabin | Cabin: R B I
fonts-cantarell | Cantarell: R B
fonts-clear-sans | Clear Sans: R B I
fonts-cmu | CMU Bright: R; CMU Concrete: R; CMU Sans Serif: M; CMU Serif: R B; CMU Typewriter Text: R B
fonts-comic-neue | Comic Neue: R
fonts-courier-prime | Courier Prime: R B; Courier Prime Code: R; Courier Prime Sans: R
fonts-croscore | Arimo: R B I; Tinos: R B I
fonts-crosextra-carlito | Carlito: R B I
fonts-dancingscript | Dancing Script: R B
fonts-dejavu-core | DejaVu Sans: R B; DejaVu Sans Mono: R B; DejaVu Serif: R B
fonts-dejavu-extra | DejaVu Sans: C; DejaVu Serif: C
fonts-dosis | Dosis: R
fonts-dotgothic16 | DotGothic16: R
fonts-dustin | Dustismo: R; Dustismo Roman: R
fonts-fantasque-sans | Fantasque Sans Mono: R B
fonts-firacode | Fira Code: R B
fonts-freefont-ttf | FreeMono: B; FreeSans: R B; FreeSerif: R B I
fonts-georgewilliams | Caliban: R; GWMonospace: R
fonts-gfs-artemisia | GFS Artemisia: R
fonts-gfs-didot | GFS Didot: R
fonts-gfs-neohellenic | GFS Neohellenic: R
fonts-glasstty | Glass TTY VT220: R
fonts-go | Go: R B; Go Mono: R B
fonts-hermit | Hermit: R
fonts-inconsolata | Inconsolata: R
fonts-inter | Inter: R B S
fonts-junction | Junction: R
fonts-jura | Jura: M
fonts-karla | Karla: R B
fonts-kaushanscript | Kaushan Script: R
fonts-klee | Klee One: R B
fonts-lato | Lato: R B I L
fonts-league-mono | League Mono: R; League Mono: C
fonts-linuxlibertine | Linux Biolinum O: R B; Linux Libertine O: R B I; Linux Libertine Mono O: R
fonts-lmodern | Latin Modern Roman: R B; Latin Modern Sans: R; Latin Modern Mono: R
fonts-manrope | Manrope: R B
fonts-monofur | monofur: R
fonts-monoid | Monoid: R
fonts-mononoki | mononoki: R
fonts-mplus | M PLUS 1: R B; M PLUS 2: R; M PLUS 1 Code: R; M PLUS Code Latin 50: R
fonts-ocr-a | OCRA: R
fonts-ocr-b | OCR B: R
fonts-oldstandard | Old Standard TT: R B
fonts-osifont | osifont: R
fonts-oxygen | Oxygen-Sans: Bk B; Oxygen Mono: R
fonts-paratype | PT Sans: R B; PT Sans Narrow: R; PT Serif: R B; PT Mono: R
fonts-pc | Px IBM VGA8: R; Px IBM VGA9: R; Px IBM MDA: R
fonts-play | Play: R
fonts-quattrocento | Quattrocento: R
fonts-quicksand | Quicksand: R
fonts-rufscript | Rufscript: R
fonts-sil-andika | Andika: R B
fonts-sil-charis | Charis SIL: R B I
fonts-sil-doulos | Doulos SIL: R
fonts-sjfonts | Steve: H
fonts-sora | Sora: R
fonts-stix | STIX: R B
fonts-texgyre | TeX Gyre Adventor: R; TeX Gyre Bonum: R; TeX Gyre Cursor: R B; TeX Gyre Heros: R B I
fonts-texgyre | TeX Gyre Heros Cn: R B; TeX Gyre Pagella: R B; TeX Gyre Schola: R B; TeX Gyre Termes: R B I
fonts-tiresias | Tiresias Infofont: R; Tiresias LPfont: R; Tiresias PCfont: R
fonts-tlwg-garuda-ttf | Garuda: R
fonts-tlwg-kinnari-ttf | Kinnari: R
fonts-tlwg-loma-ttf | Loma: R B
fonts-tlwg-mono-ttf | Tlwg Mono: R
fonts-tlwg-norasi-ttf | Norasi: R
fonts-tlwg-typewriter-ttf | Tlwg Typewriter: R B
fonts-tlwg-typist-ttf | Tlwg Typist: R B
fonts-tuffy | Tuffy: R B
fonts-urw-base35 | Nimbus Mono PS: R B; Nimbus Roman: R B; Nimbus Sans: R B; Nimbus Sans Narrow: R
fonts-vollkorn | Vollkorn: R B
fonts-yanone-kaffeesatz | Yanone Kaffeesatz: R
fonts-yrsa-rasa | Yrsa: R B
"""
# Shipped in the package, so only licences that allow a subset under the same name.
HELD_OUT = """
fonts-croscore | Cousine: R B
fonts-crosextra-caladea | Caladea: R B I
fonts-jetbrains-mono | JetBrains Mono: R
fonts-open-sans | Open Sans: R B
fonts-roboto-slab | Roboto Slab: R
fonts-roboto-unhinted | Roboto: R B; Roboto Condensed: R
"""
SHIPPED_TRAIN = """
fonts-clear-sans | Clear Sans: R
fonts-croscore | Arimo: R B; Tinos: R
fonts-dejavu-core | DejaVu Sans Mono: R
"""
Wanted = dict[str, list[tuple[str, str]]]  # package -> (family, style shorthand)


def parse(table: str) -> Wanted:
    """Read a table of `package | family: styles; family: styles` lines."""
    wanted: Wanted = {}
    for line in filter(None, table.splitlines()):
        package, families = line.split(" | ")
        for entry in families.split("; "):
            family, styles = entry.split(": ")
            wanted.setdefault(package, []).extend((family, style) for style in styles.split())
    return wanted


def unpack(package: str, into: Path) -> Path:
    """Download one Debian package and unpack it below `into`."""
    subprocess.run(["apt-get", "download", "-qq", package], cwd=into, check=True)
    (deb,) = into.glob(f"{package}_*.deb")
    subprocess.run(["dpkg", "-x", str(deb), str(into / package)], check=True)
    return into / package


def names(font) -> tuple[str, str]:
    """Family and style as the face states them, the typographic names first."""
    table = font["name"]
    family = table.getDebugName(16) or table.getDebugName(1) or ""
    return family.strip(), (table.getDebugName(17) or table.getDebugName(2) or "").strip()


def draws_plain_text(font) -> bool:
    """All of printable ASCII, with lower case that is not a copy of upper case."""
    from fontTools.pens.recordingPen import RecordingPen

    cmap = font.getBestCmap() or {}
    if "fvar" in font or any(code not in cmap for code in range(0x20, 0x7F)):
        return False
    glyphs = font.getGlyphSet()

    def outline(character: str) -> str:
        pen = RecordingPen()
        glyphs[cmap[ord(character)]].draw(pen)
        return str(pen.value)

    shapes = {character: outline(character) for character in "aAgGrR0O1lI"}
    return all(shapes.values()) and len(set(shapes.values())) > 8 and shapes["a"] != shapes["A"]


def subset(source: Path, target: Path) -> None:
    """Keep the outlines and hints of printable ASCII and drop kerning and features, which we do not use."""
    from fontTools import subset as cutter

    options = cutter.Options(layout_features=[], name_IDs=["*"], notdef_outline=True)
    options.drop_tables += ["FFTM", "TeX ", "PfEd", "BDF ", "MATH"]
    font = cutter.load_font(str(source), options)
    worker = cutter.Subsetter(options)
    worker.populate(unicodes=range(0x20, 0x7F))
    worker.subset(font)
    cutter.save_font(font, str(target), options)


def collect(wanted: Wanted, out: Path, work: Path) -> list[dict[str, str]]:
    """Write every wanted face to `out` and return its manifest rows; a face that is not found is an error."""
    from fontTools.ttLib import TTFont

    out.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, str]] = []
    absent: list[str] = []
    for package, faces in wanted.items():
        root = work / package if (work / package).exists() else unpack(package, work)
        best: dict[tuple[str, str], tuple[int, str, Path]] = {}
        for path in sorted([*root.rglob("*.ttf"), *root.rglob("*.otf")]):
            font = TTFont(path, lazy=True)
            family, style = names(font)
            if family.startswith("Courier Prime"):  # every style calls itself Light; the file names are right
                style = path.stem.removeprefix(family).strip() or "Regular"
            for face in faces:
                spellings = STYLES[face[1]]
                if face[0] == family and style.lower() in spellings and draws_plain_text(font):
                    best[face] = min(
                        best.get(face, (99, "", path)), (spellings.index(style.lower()), style, path)
                    )
        for (family, _), (_, style, path) in sorted(best.items()):
            name = re.sub(r"[^A-Za-z0-9]+", "", family) + "-" + re.sub(r"[^A-Za-z0-9]+", "", style)
            subset(path, out / f"{name}{path.suffix}")
            licence = out / "licences" / f"{package}.txt"
            licence.parent.mkdir(exist_ok=True)
            shutil.copyfile(root / "usr/share/doc" / package / "copyright", licence)
            row = {"file": f"{name}{path.suffix}", "family": family, "style": style, "package": package}
            rows.append(row | {"licence": f"licences/{package}.txt"})
        missing = set(faces) - set(best)
        absent += [f"{package}: {family} {style}" for family, style in sorted(missing)]
    if absent:
        raise SystemExit("not found, or not plain text: " + "; ".join(absent))
    manifest = sorted(rows, key=lambda row: row["file"])
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    return manifest


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, help="folder for the training faces")
    parser.add_argument("--bundle", type=Path, help="folder for heldout/ and train/ of the package")
    parser.add_argument(
        "--packages", type=Path, help="keep downloaded packages here, or reuse those that are"
    )
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = args.packages or Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        if args.out:
            print(f"{len(collect(parse(TRAIN), args.out, work))} training faces in {args.out}")
        if args.bundle:
            for split, table in (("heldout", HELD_OUT), ("train", SHIPPED_TRAIN)):
                faces = collect(parse(table), args.bundle / split, work)
                print(f"{len(faces)} {split} faces in {args.bundle / split}")


if __name__ == "__main__":
    main()
