"""Tables as Markdown, with the bar beside the figure. Bars inform; nothing fails because a machine is busy."""

import os
from collections.abc import Iterable, Sequence

Cell = float | int | str | None


def machine() -> str:
    """How much of this machine was free: figures of a loaded one are worse than they should be."""
    return f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before the start"


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Print one table with the load average at its start; numbers get the digits that mean something."""
    print(f"\n### {title}\n\nLoad average before this table: {os.getloadavg()[0]:.2f}\n")
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}", flush=True)
    for row in rows:
        print(f"| {' | '.join(map(shown, row))} |", flush=True)


def shown(cell: Cell) -> str:
    """A cell as it is printed."""
    if cell is None:
        return "-"
    if isinstance(cell, str):
        return cell
    size = abs(cell)
    return f"{cell:,.0f}" if size >= 100 or cell == int(cell) else f"{cell:.2f}" if size >= 1 else f"{cell:.3f}"
