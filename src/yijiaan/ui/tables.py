"""The cells of the kit's table. Rows are built in Python: a template that draws twenty rows of eight cells costs more than their query."""

from dataclasses import dataclass

from django.utils.html import conditional_escape, escape


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell. kind: num, quiet, title, mark (set apart as a remark); url: where it leads."""

    text: str
    kind: str = ""
    url: str = ""


def draw_cell(cell: Cell | str) -> str:
    """A cell as HTML; texts are escaped unless they are marked safe (a pill, a time)."""
    if not isinstance(cell, Cell):
        return f"<td>{conditional_escape(cell)}</td>"
    text: str = conditional_escape(cell.text)
    if cell.url:
        text = f'<a href="{escape(cell.url)}">{text}</a>'
    if cell.kind == "mark":
        return f'<td><span class="mark">{text}</span></td>' if cell.text else "<td></td>"
    return f'<td class="{escape(cell.kind)}">{text}</td>'
