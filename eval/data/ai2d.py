"""AI2D: the official folder of images, annotations and questions, or a hub copy as parquet or TSV.

Layouts: the archive `ai2d-all` with `ai2d_test_ids.csv`, and the copies on the Hugging Face hub and of VLMEvalKit.
AI2D may not be passed on, so none of it is part of this project.
"""

from __future__ import annotations

import ast
from functools import partial
from pathlib import Path
from typing import Literal

from minimax_vl.errors import InvalidRequest
from minimax_vl.eval.data.dataset import DataSet, Picture, Question, check_questions
from minimax_vl.eval.data.docvqa import read_json
from minimax_vl.eval.data.letters import lettered
from minimax_vl.eval.data.names import read_names
from minimax_vl.eval.data.tables import Row, find_tables, questions_of

LETTERS = "ABCDEFGH"
SPLITS = ("test", "train", "all")
VARIANTS = ("mask", "no-mask")
Variant = Literal["mask", "no-mask"]


def read_ai2d(data: Path, split: str = "test", variant: str | None = "mask") -> DataSet:
    """The questions of one split below `data`, with letters drawn into the pictures as `variant` says.

    mask: the letter covers the text of a label; no-mask: the text stays readable. Scores of the two differ by 6 to
    13 points. Hub copies come in one of the two; one that says so in its name must agree with `variant`.
    Raises InvalidRequest when nothing of a known layout is there, a file is broken, or an id occurs twice.
    """
    if variant not in VARIANTS:
        raise InvalidRequest(
            found=f"--variant {variant}",
            expected=" or ".join(VARIANTS),
            cause="a typing error",
            next_step="mask is what most published numbers mean",
        )
    root = next((d for d in (data, data / "ai2d") if (d / "questions").is_dir()), None)
    if root:
        questions = _official(root, split, variant)
    elif files := _tables(data, split, variant):
        columns = (
            "columns question, image, options (or A, B, C, D), and answer: the index or letter of one of them"
        )
        questions = questions_of(files, _hub, columns)
    else:
        raise InvalidRequest(
            found=f"{data}: no AI2D data of the split {split!r}",
            expected=f"folders questions/, annotations/ and images/, or {split}-*.parquet, or AI2D_TEST.tsv",
            cause="a wrong folder, another split, or an archive that is not unpacked",
            next_step=f"check --data and --split ({', '.join(SPLITS)})",
        )
    check_questions(questions, str(data))
    return DataSet(f"AI2D {split}, {variant}", split, tuple(questions), variant)


def _tables(data: Path, split: str, variant: str) -> list[Path]:
    """Tables of the split, of which those that name a variant must name this one."""
    files = find_tables(data, split, hint="ai2d")
    named = {file: variant_named(file) for file in files}
    fitting = [file for file, other in named.items() if other in (None, variant)]
    if len(set(named.values())) > 1:  # AI2D_TEST.tsv beside AI2D_TEST_NO_MASK.tsv
        fitting = [file for file in files if (named[file] or "mask") == variant]
    if files and not fitting:
        raise InvalidRequest(
            found=f"{files[0]}, which is the {named[files[0]]} variant by its name",
            expected=f"data of --variant {variant}",
            cause="the two variants mixed up: their scores differ by about ten points",
            next_step=f"--variant {named[files[0]]}, or the other data",
        )
    return fitting


def variant_named(file: Path) -> Variant | None:
    """What a file or its folders say about the variant; None when they say nothing."""
    words = "/".join(file.parts[-4:]).lower().replace("_", "-")
    if "no-mask" in words or "nomask" in words:
        return "no-mask"
    return "mask" if "mask" in words else None


def _official(root: Path, split: str, variant: str) -> list[Question]:
    topics = read_json(root / "categories.json") if (root / "categories.json").is_file() else {}
    images = sorted(path.name.removesuffix(".json") for path in (root / "questions").glob("*.json"))
    wanted = _ids(root, split)
    if wanted is not None:
        images = [name for name in images if (name.rsplit(".", 1)[0] in wanted) == (split == "test")]
    return [
        question for name in images for question in _of_image(root, name, variant, str(topics.get(name, "")))
    ]


def _ids(root: Path, split: str) -> set[str] | None:
    """Images of the test split, without their ending; None when every image is wanted."""
    if split == "all":
        return None
    found = next(
        (d / "ai2d_test_ids.csv" for d in (root, root.parent) if (d / "ai2d_test_ids.csv").is_file()), None
    )
    if found is None:
        raise InvalidRequest(
            found=f"no ai2d_test_ids.csv in {root} or above it",
            expected="the list of the test split's images, which is published beside the archive",
            cause="only the archive was downloaded",
            next_step="put the list there, or take every image with --split all (not comparable with anything)",
        )
    return {name.strip('"').removesuffix(".png") for name in read_names(found)}


def _of_image(root: Path, name: str, variant: str, topic: str) -> list[Question]:
    file = root / "questions" / f"{name}.json"
    content = read_json(file)
    image, annotation = root / "images" / name, root / "annotations" / f"{name}.json"
    plain = Picture(name, lambda: image, image)
    marked = Picture(f"{name} ({variant})", partial(lettered, image, annotation, variant), image)
    questions = []
    try:
        for text, entry in content["questions"].items():
            options = tuple(str(option) for option in entry["answerTexts"])
            letter = LETTERS[: len(options)][int(entry["correctAnswer"])]
            picture = marked if entry.get("abcLabel") else plain
            types = (topic,) if topic else ()
            questions.append(
                Question(str(entry["questionId"]), picture, name, text, (letter,), options, types)
            )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise InvalidRequest(
            found=f"{file}: {error!r}",
            expected='{"questions": {"...?": {"questionId", "answerTexts": [4], "correctAnswer": 0, "abcLabel"}}}',
            cause="a file cut short, or written in another layout",
            next_step="correct it, or unpack the archive again",
        ) from error
    if any(q.picture is marked for q in questions) and not annotation.is_file():
        raise InvalidRequest(
            found=f"{name} asks for letters, and there is no {annotation}",
            expected="the boxes of its labels",
            cause="only images and questions were unpacked",
            next_step="unpack annotations/ as well: without letters such a question cannot be answered",
        )
    return questions


def _hub(row: Row, number: int) -> list[Question]:
    fields = row.fields
    options, answer = fields.get("options"), str(fields["answer"]).strip()
    if options is None:  # an empty cell keeps its letter, or the answer would be that of another option
        cells = [fields.get(letter) for letter in LETTERS]
        options = ["" if cell is None else cell for cell in cells]
        while options and options[-1] == "":
            options.pop()
    elif isinstance(options, str):
        options = ast.literal_eval(options)
    letter = LETTERS[int(answer)] if answer.isdigit() else answer.upper()
    if not letter or letter not in LETTERS[: len(options)]:
        raise ValueError(f"answer {answer!r} to {len(options)} options")
    id, text, types = str(fields.get("index", number)), fields["question"], fields.get("category")
    if not isinstance(text, str):
        raise TypeError(f"question {text!r}")
    return [
        Question(
            id,
            row.picture,
            row.picture.name,
            text,
            (letter,),
            tuple(map(str, options)),
            (str(types),) if types else (),
        )
    ]
