"""A value on one page of many, asked for at the end: how often it is found, and how the time grows with the pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw, ImageFont

from minimax_vl.errors import InvalidRequest
from minimax_vl.eval.journal import Batch, Journal, Progress, silent
from minimax_vl.eval.metrics import Mean, clustered_mean, exact_match
from minimax_vl.synthetic import FontBook, Page, sample
from minimax_vl.synthetic.facts import FREE, NOT_THERE, inside, only_there

if TYPE_CHECKING:
    from minimax_vl.pipeline import Pipeline

SIZE, LEVEL = (336, 336), 0.5  # of a page; lists of fields in print that one tile shows well
QUESTION = 1024  # tokens kept for the question and its answer
INK, GRID, FOUND, TIME = (40, 40, 40), (222, 222, 222), (178, 24, 43), (33, 102, 172)


@dataclass(frozen=True)
class Record:
    """One question about one page of `pages`; `place` counts from 1, seconds are those of the prompt."""

    pages: int
    trial: int
    place: int
    question: str
    answer: str
    reply: str
    right: bool
    prompt_tokens: int
    prefill: float


@dataclass(frozen=True)
class Result:
    records: list[Record]

    def counts(self) -> list[int]:
        return sorted({r.pages for r in self.records})

    def mean(self, pages: int) -> Mean:
        """Exact match with so many pages."""
        chosen = [r for r in self.records if r.pages == pages]
        return clustered_mean([float(r.right) for r in chosen], [r.trial for r in chosen])

    def cost(self, pages: int) -> dict[str, float]:
        """Mean length of the prompts with so many pages, and their mean and per-thousand seconds."""
        chosen = [r for r in self.records if r.pages == pages]
        tokens = sum(r.prompt_tokens for r in chosen) / len(chosen)
        seconds = sum(r.prefill for r in chosen) / len(chosen)
        return {
            "tokens": round(tokens),
            "prefill_seconds": round(seconds, 4),
            "seconds_per_1000": round(1000 * seconds / tokens, 5),
        }


def hay(count: int) -> list[Page]:
    """The first `count` held-out pages, which are in every prompt."""
    fonts = FontBook.load(None, "heldout")
    return [sample("heldout", n, SIZE, fonts, LEVEL, ("keyvalue",)) for n in range(count)]


def needle(number: int, others: str) -> tuple[Page, str, str]:
    """(page, question, answer): the first page from `number` on with a field whose label and value `others` lack."""
    fonts = FontBook.load(None, "heldout")
    while True:
        page = sample("heldout", number, SIZE, fonts, LEVEL, ("keyvalue",))
        for question, answer in page.turns:
            if question in FREE or answer == NOT_THERE or "\n" in answer or len(answer) < 3:
                continue
            if only_there(question, page.text, others) and not inside(others, answer):
                return page, question, answer
        number += 1


def evaluate(
    pipeline: Pipeline,
    *,
    counts: Sequence[int],
    trials: int,
    out: Path | None = None,
    progress: Progress = silent,
) -> Result:
    """Ask `trials` questions with each number of pages, the page that answers at evenly spread places.

    The context is widened to what the longest prompt needs. out, progress: of `Journal.gathered`. Raises
    InvalidRequest when a number is below 1.
    """
    if min(*counts, trials) < 1:
        raise InvalidRequest(
            found=f"pages {', '.join(map(str, counts))}, {trials} questions each",
            expected="numbers from 1 on",
            cause="0 as a way to say none or all",
            next_step="leave the number out, or raise it",
        )
    drawn = hay(max(counts) - 1)
    encoded = [pipeline.encode(Image.fromarray(page.image)) for page in drawn]

    def found() -> Iterator[Batch[Record]]:
        for count in sorted(set(counts)):  # a number named twice would count its questions twice
            others = " ".join(page.text for page in drawn[: count - 1])
            for trial in range(trials):
                page, question, answer = needle(10_000 + 1_000 * trial, others)
                place = int((trial + 0.5) / trials * count)
                asked = (count, trial, place + 1, question, answer)
                yield Batch([asked], partial(answered, page, asked))

    def answered(page: Page, asked: tuple[int, int, int, str, str]) -> list[Record]:
        count, _, place, question, answer = asked
        images = encoded[: count - 1]
        images.insert(place - 1, pipeline.encode(Image.fromarray(page.image)))
        room = sum(image.plan.tokens for image in images) + QUESTION
        reply = roomy(pipeline, room).ask(images, question, max_new_tokens=64)
        right, seconds = exact_match(reply, answer), round(reply.timings.prefill, 5)
        return [Record(*asked, str(reply), right, reply.prompt_tokens, seconds)]

    journal = Journal(Record, lambda r: (r.pages, r.trial, r.place, r.question, r.answer), lambda r: r.right)
    return Result(journal.gathered(found(), out, progress))


def roomy(pipeline: Pipeline, tokens: int) -> Pipeline:
    """The pipeline itself, or one around the same model with a wider context."""
    if tokens <= pipeline.context:
        return pipeline
    return type(pipeline)(
        pipeline.model,
        pipeline.tokenizer,
        name=pipeline.name,
        context=tokens,
        second_look=pipeline.second_look,
    )


def plot(result: Result) -> Image.Image:
    """Exact match with its interval, and seconds of the prompt, over the pages; both axes of time are linear."""
    width, height, left, right, top, bottom = 1000, 480, 90, 110, 60, 70
    image = Image.new("RGB", (width, height), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(18)
    counts = result.counts()
    costs = [result.cost(count)["prefill_seconds"] for count in counts]
    longest = max(costs) or 1.0

    def place(pages: float, share: float) -> tuple[float, float]:
        across = (width - left - right) * pages / max(counts)
        return left + across, top + (height - top - bottom) * (1 - share)

    for quarter in range(5):
        y = place(0, quarter / 4)[1]
        pen.line([(left, y), (width - right, y)], fill=GRID, width=2)
        pen.text((left - 12, y), f"{25 * quarter} %", fill=FOUND, font=font, anchor="rm")
        seconds = f"{longest * quarter / 4:.3g} s"
        pen.text((width - right + 12, y), seconds, fill=TIME, font=font, anchor="lm")
    for count in counts:
        pen.text((place(count, 0)[0], height - bottom + 10), str(count), fill=INK, font=font, anchor="ma")
    pen.text((width / 2, height - 26), "pages in the prompt", fill=INK, font=font, anchor="mm")
    means = [result.mean(count) for count in counts]
    lines: tuple[tuple[Any, list[float]], ...] = (
        (FOUND, [mean.value for mean in means]),
        (TIME, [cost / longest for cost in costs]),
    )
    for colour, shares in lines:
        points = [place(count, share) for count, share in zip(counts, shares, strict=True)]
        pen.line(points, fill=colour, width=3)
        for x, y in points:
            pen.ellipse([x - 5, y - 5, x + 5, y + 5], fill=colour)
    for count, mean in zip(counts, means, strict=True):
        pen.line([place(count, mean.low), place(count, mean.high)], fill=FOUND, width=2)
    x = left
    for colour, text in ((FOUND, "exact match (left)"), (TIME, "seconds of the prompt (right)")):
        pen.line([(x, top / 2), (x + 30, top / 2)], fill=colour, width=4)
        pen.text((x + 40, top / 2), text, fill=INK, font=font, anchor="lm")
        x += 90 + pen.textlength(text, font=font)
    return image
