"""The report as lines for a terminal, and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from minimax_vl.eval.diagnosis import diagnosis
from minimax_vl.eval.report.content import Content, percent, points

IN_MARKDOWN = 20  # failures listed; the HTML file has more, with pictures


def lines(content: Content) -> list[str]:
    """What the command prints: scores, groups, what failed, and how it compares."""
    summary, found = content.summary, []
    if content.missing:
        found.append(
            f"UNFINISHED: {content.missing} of {content.settings['questions']} questions are not answered"
        )
    for metric, score in summary.scores.items():
        found.append(
            f"{metric} {percent(score.mean)}, n={summary.total}, {score.mean.clusters} images, 95 % interval by image"
        )
    if not summary.scores:
        found.append(f"{summary.total} replies; the answers of this split are hidden, so there is no score")
    for name, value in summary.baselines.items():
        found.append(f"for comparison, {name} scores {100 * value:.1f}")
    for by, groups in summary.groups.items():
        for name, row in groups.items():
            cells = ", ".join(f"{metric} {percent(mean)}" for metric, mean in row.items())
            found.append(f"  {by} {name}: {cells}, n={next(iter(row.values())).count}")
    if summary.failed:
        found.append(f"{summary.failed} questions failed and score 0, among them:")
        found += [f"  {r.id} ({r.image}): {(r.error or '').splitlines()[0]}" for r in content.failed()[:5]]
    if summary.unparsed or summary.truncated:
        found.append(
            f"{summary.unparsed} replies without an answer, {summary.truncated} cut off at the token limit"
        )
    if other := content.comparison:
        for metric, mean in other.differences.items():
            found.append(f"{metric} against {other.name}: {points(mean)} on {other.common} common questions")
        found.append(f"  {len(other.gained)} questions gained, {len(other.lost)} lost")
    comparable = [entry for entry, note in content.published() if note == "comparable"]
    found += [f"comparable, published: {e.model} {e.score} ({e.source})" for e in comparable]
    return found


def markdown(content: Content) -> str:
    """Tables of scores, groups, comparison and published numbers, and the worst answers."""
    summary, settings = content.summary, content.settings
    parts = [f"# {content.task.title}: {settings['model']}", ""]
    parts += [
        f"{settings['data']}, {summary.total} questions, prompt `{settings['prompt_style']}`, {content.scoring}.",
        "",
    ]
    if content.missing:
        parts += [f"**Unfinished**: {content.missing} questions are not answered.", ""]
    if summary.scores:
        rows = [
            (m, percent(s.mean), f"{100 * s.stderr:.2f}", f"{100 * s.stderr_clustered:.2f}")
            for m, s in summary.scores.items()
        ]
        parts += _table(("metric", "score [95 %, by image]", "standard error", "clustered"), rows)
        parts += [f"{name}: {100 * value:.1f}  " for name, value in summary.baselines.items()] + [""]
    for by, groups in summary.groups.items():
        rows = [
            (name, *map(percent, row.values()), str(next(iter(row.values())).count))
            for name, row in groups.items()
        ]
        parts += _table((by, *content.task.metrics, "n"), rows)
    parts += _comparison(content) + _failures(content)
    rows = [
        (e.model, f"{e.score:g}", e.split or "?", e.variant or "", e.style or "?", e.source, note)
        for e, note in content.published()
    ]
    parts += ["## Published scores", ""]
    parts += _table(("model", "score", "split", "variant", "prompt", "source", "beside this run"), rows)
    parts += ["## Settings", ""]
    parts += _table(("setting", "value"), [(name, str(value)) for name, value in settings.items()])
    return "\n".join(parts)


def _comparison(content: Content) -> list[str]:
    other = content.comparison
    if other is None:
        return []
    parts = ["## Against another run", "", f"`{other.name}`, {other.common} common questions.", ""]
    parts += _table(("metric", "difference [95 %]"), [(m, points(d)) for m, d in other.differences.items()])
    rows = [(name, str(there), str(here)) for name, (there, here) in other.settings.items()]
    parts += _table(("setting", "there", "here"), rows) if rows else []
    for title, pairs in (("Gained", other.gained), ("Lost", other.lost)):
        rows = [(b.id, b.question, a.reply, b.reply) for a, b in pairs[:IN_MARKDOWN]]
        parts += [
            f"{title}: {len(pairs)}",
            "",
            *(_table(("id", "question", "there", "here"), rows) if rows else []),
        ]
    return parts


def _failures(content: Content) -> list[str]:
    rows = [
        (r.id, r.image, r.question, r.error or r.reply, " / ".join(r.answers or ()), diagnosis(r))
        for r in content.worst(IN_MARKDOWN)
    ]
    header = ("id", "picture", "question", "reply", "answers", "why")
    return ["## Worst answers", "", *_table(header, rows)] if rows else []


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    body = ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in (header, *rows)]
    return [body[0], "|" + "---|" * len(header), *body[1:], ""]


def _cell(text: str) -> str:
    """One line without markup: questions and replies are other people's text."""
    text = " ".join(text.split())
    for character in "\\|<>`*_[]":
        text = text.replace(
            character, f"\\{character}" if character not in "<>" else f"&{'lg'[character == '>']}t;"
        )
    return text if len(text) <= 300 else text[:297] + "..."
