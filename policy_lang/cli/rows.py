"""Rows for programs: the figures of a report as CSV, or as Parquet with numbers as numbers."""

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO
from typing import Any, NamedTuple, TypeAlias

from policy_lang.cli.exits import MisuseError
from policy_lang.cli.output import Output, TableFormat, standard_output
from policy_lang.fleet.extras import MissingExtraError, require

Cell: TypeAlias = str | int | None


class Rows(NamedTuple):
    """Rows with a head.

    Attributes:
        heads: the names of the columns.
        rows: texts and numbers; each column holds one of them, and None where a row has nothing to say there.
    """

    heads: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def check_format(output_format: TableFormat) -> None:
    """See to it before the work that what it ends in can be written.

    Raises:
        MisuseError: it is Parquet, and nothing that could read that is behind the standard output, or its library is missing.
    """
    if output_format is not TableFormat.PARQUET:
        return
    if standard_output().is_terminal:
        raise MisuseError("Parquet is nothing for a terminal", "redirect it to a file: `… --format parquet > rows.parquet`")
    try:
        require("pyarrow")
    except MissingExtraError as error:
        raise MisuseError(f"Parquet needs {error.library}, which is not installed", error.remedy) from None


def write_rows(rows: Rows, output_format: TableFormat, output: Output) -> None:
    """Write rows as Parquet where that is asked for, else as CSV."""
    if output_format is TableFormat.PARQUET:
        output.data(_parquet(rows))
    else:
        output.text(_csv(rows))


def _csv(rows: Rows) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows.heads)
    writer.writerows(rows.rows)
    return text.getvalue()


def _parquet(rows: Rows) -> bytes:
    import pyarrow as pa  # noqa: PLC0415  an extra
    import pyarrow.parquet as pq  # noqa: PLC0415  an extra

    columns = list(zip(*rows.rows, strict=True)) or [()] * len(rows.heads)
    table = pa.table([pa.array(column, _type(column)) for column in columns], names=list(rows.heads))
    file = BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def _type(column: Sequence[Cell]) -> Any:
    import pyarrow as pa  # noqa: PLC0415  an extra

    return pa.int64() if any(isinstance(cell, int) for cell in column) else pa.string()
