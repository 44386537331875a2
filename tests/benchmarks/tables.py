"""Tables as Markdown, with the bar beside the figure. Bars inform; nothing fails because a machine is busy."""

import os
from collections.abc import Iterable, Sequence

Cell = float | int | str | None


def machine() -> str:
    """How much of this machine was free: figures of a loaded one are worse than they should be."""
    return f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before the start"


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Print one table; numbers get the digits that mean something."""
    print(f"\n### {title}\n\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}", flush=True)
    for row in rows:
        print(f"| {' | '.join(map(_shown, row))} |", flush=True)


def _shown(cell: Cell) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, str):
        return cell
    return f"{cell:,.0f}" if abs(cell) >= 100 or cell == int(cell) else f"{cell:.2f}" if cell >= 1 else f"{cell:.3f}"
