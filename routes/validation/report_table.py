"""Tables of Markdown."""

from __future__ import annotations

import pandas as pd

__all__ = ["markdown_table"]


def markdown_table(frame: pd.DataFrame) -> str:
    """A frame as a Markdown table; what is missing is left blank."""
    head = " | ".join(map(str, frame.columns))
    rule = " | ".join("---" for _ in frame.columns)
    rows = [
        " | ".join("" if pd.isna(value) else str(value) for value in row)
        for row in frame.astype(object).to_numpy().tolist()
    ]
    return "\n".join(f"| {line} |" for line in (head, rule, *rows)) + "\n"
