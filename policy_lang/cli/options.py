"""Options that several commands have, each with one spelling and one help."""

from typing import Annotated

import typer

NowOption = Annotated[
    str | None,
    typer.Option(
        "--now",
        metavar="TIME",
        help="The time of the decision in RFC 3339, such as 2026-05-01T09:00:00Z. Without it, the clock of this machine is read.",
    ),
]
LenientOption = Annotated[
    bool,
    typer.Option("--lenient-versions", help="Devices may write a leading v and leave parts of a version out: v1.2 reads as 1.2.0."),
]
