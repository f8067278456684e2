"""Reckoning without a picture: a list in words, and what is asked of a figure, with the same thought before the answer.

To compare, to count up and to add is learned by the decoder alone. A row of training has room behind the questions
about its page, and there these cost no image tokens.
"""

from __future__ import annotations

import random

from minimax_vl.synthetic import names
from minimax_vl.synthetic.charts.data import draw_chart
from minimax_vl.synthetic.charts.questions import Asker
from minimax_vl.synthetic.fonts import FontBook
from minimax_vl.synthetic.reckoning import Asked, reckoned
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.thoughts import compared, listed

MOST = 8  # entries of a list
PLAIN = 2  # questions about two numbers alone, beside one about the list
EACH = 0.2  # of them have a product as well
STATED = ("{told}. {asked}", "{told}. {asked}", "{asked} {told}", "{told}\n{asked}")


def drills(fonts: FontBook, rng: random.Random) -> list[Asked]:
    """Up to one question about a list that it states, and PLAIN about two of its numbers. fonts: of the split."""
    sheet = Sheet((112, 112), fonts, rng, 1.0)  # nothing is drawn on it
    chart = draw_chart(sheet, MOST, 1, fine=rng.random() < 0.5)
    asker = Asker(sheet, chart, "bar chart", "bar", "bars", exact=rng.random() < 0.5)
    asker.one_series()
    row = [asker.show(value) for value in chart.values[0]]
    cells = [[label, shown] for label, shown in zip(chart.labels, row, strict=True)]
    reckoned(sheet.facts, rng, [chart.category, chart.measure.name], cells)
    told = listed(chart.labels, row)
    found = [
        Asked(rng.choice(STATED).format(told=told, asked=asked), answer, thought)
        for asked, answer, thought in sheet.facts.thought_out()
    ]
    return [
        *rng.sample(found, min(1, len(found))),
        *_of_two(asker),
        *([_each(rng)] if rng.random() < EACH else []),
    ]


def _of_two(asker: Asker) -> list[Asked]:
    """What is asked of two of the numbers, said at once as it is after a thought."""
    row, show, asked = asker.chart.values[0], asker.show, []
    for _ in range(PLAIN):
        one, other = sorted(asker.rng.sample(row, 2), reverse=True)
        ways = [Asked(f"What is {show(one)} + {show(other)}?", show(one + other), "")] * asker.easy(
            one + other
        )
        if one > other and asker.easy(one):
            ways.append(Asked(f"What is {show(one)} - {show(other)}?", show(one - other), ""))
        a, b = asker.rng.sample((one, other), 2)
        thought = f"{show(a)} {compared(a, b)} {show(b)}"
        ways.append(Asked(f"Is {show(a)} more than {show(b)}?", "yes" if a > b else "no", thought))
        asked.append(asker.rng.choice(ways))
    return asked


def _each(rng: random.Random) -> Asked:
    """Each box has 3 pens: a product."""
    whole, part, one, many = names.word(rng), names.word(rng), rng.randint(2, 12), rng.randint(2, 9)
    question = f"Each {whole} has {one} {part}s. How many {part}s are in {many} {whole}s?"
    return Asked(question, str(one * many), f"{many} x {one}")
