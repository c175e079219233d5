"""Turns a captured terminal screen (with its escape codes) into an SVG picture: ansi_to_svg.py SCREEN SVG TITLE."""

import sys

from rich.console import Console
from rich.text import Text

screen, picture, title = sys.argv[1:]
with open(screen, encoding="utf-8") as file:
    # As one text: a colour may go on over several lines.
    lines = Text.from_ansi(file.read().rstrip()).split("\n")
width = max(80, *(len(line.plain) for line in lines))
console = Console(record=True, width=width, file=open("/dev/null", "w"), force_terminal=True)
for line in lines:
    console.print(line, soft_wrap=True, highlight=False)
console.save_svg(picture, title=title)
