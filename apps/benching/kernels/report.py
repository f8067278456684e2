"""The table of the kernel bench, for a terminal and as Markdown, and what a configuration table takes over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

OURS = "ours"
HEAD = ("op", "shape", "ours", "best peer", "", "faster", "floor", "of floor", "error")


def row_of(card: dict[str, Any], ceilings: dict[str, float]) -> dict[str, Any]:
    """One card's answer with the floor, the best peer and the two ratios; what could not be had is None.

    Times are microseconds. Where all that matters was timed inside a CUDA graph, those times count.
    """
    graph = card.get("graph_us") or {}
    times = graph if OURS in graph else card.get("us") or {}
    peers = {name: us for name, us in times.items() if name != OURS}
    best = min(peers, key=lambda name: peers[name]) if peers else None
    floor = None
    if ceilings:
        moved = card["bytes"] / ceilings["bytes_per_second"]
        floor = 1e6 * max(moved, card["flops"] / ceilings["flops_per_second"])
    ours = times.get(OURS)
    return {
        "op": card["op"],
        "shape": card["shape"],
        "in_graph": OURS in graph,
        "ours_us": ours,
        "best_peer": best,
        "best_us": peers[best] if best else None,
        "faster": peers[best] / ours if best and ours else None,
        "floor_us": floor,
        "of_floor": floor / ours if floor and ours else None,
        "error": (card.get("errors") or {}).get(OURS),
    }


def cells(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        row["op"],
        row["shape"] + (" (graph)" if row["in_graph"] else ""),
        duration(row["ours_us"]),
        duration(row["best_us"]),
        row["best_peer"] or "",
        f"{row['faster']:.2f} x" if row["faster"] else "",
        duration(row["floor_us"]),
        f"{row['of_floor']:.0%}" if row["of_floor"] else "",
        f"{row['error']:.1e}" if row["error"] is not None else "",
    )


def line(texts: Sequence[str]) -> str:
    widths = (26, 22, 10, 10, 16, 8, 10, 9, 8)
    left = (0, 1, 4)
    return " ".join(
        f"{text[:w]:<{w}}" if i in left else f"{text[:w]:>{w}}"
        for i, (text, w) in enumerate(zip(texts, widths))
    ).rstrip()


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as a Markdown table; those without a time of ours are left out."""
    lines = [
        "| op | shape | ours | best peer | faster | floor | of floor | error |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        if row["ours_us"] is None:
            continue
        op, shape, ours, best, name, faster, floor, of_floor, error = cells(row)
        peer = f"{best} {name}".strip()
        lines.append("| " + " | ".join((op, shape, ours, peer, faster, floor, of_floor, error)) + " |")
    return "\n".join(lines)


def winners(tuned: Sequence[dict[str, Any]]) -> dict[str, dict[str, dict[str, int]]]:
    """{slot: {architecture: configuration}}, as kernels/*/configs.py holds them."""
    return {result["slot"]: {result["arch"]: result["best"]} for result in tuned if result.get("best")}


def duration(us: float | None) -> str:
    if us is None:
        return ""
    return f"{us:.1f} us" if us < 100 else f"{us:.0f} us" if us < 1000 else f"{us / 1e3:.2f} ms"
