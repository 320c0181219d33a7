"""Assign the updates of a catalog to a fleet with Spark: Parquet in, assignment out.

    policy fleet import fleet.ndjson -o fleet.parquet
    python spark_preview.py catalog.yaml fleet.parquet assigned --now 2026-05-12T09:00:00Z

Without a cluster the session is local. On a cluster the same file goes to `spark-submit`, with paths that the cluster reads
(`s3://…`). The driver needs `policy-lang[fleet]`; the workers need nothing of it, for what they run is SQL.
"""

import argparse
from collections.abc import Sequence
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql.functions import col

from policy_lang import Catalog, fleet


def assign(spark: SparkSession, catalog: Catalog, devices: str, now: str | None) -> Any:
    """A dataframe with a row for each device: `id`, `product`, `version`, `update`, `to`, `reason`."""
    spark.read.parquet(devices).createOrReplaceTempView("devices")
    opened = fleet.open_session(spark, "devices", fleet.columns_of_parquet(devices))
    return opened.assigned(catalog, fleet.Given(now=now))


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the assignment, and print how many devices get what."""
    parser = argparse.ArgumentParser(description="assign the updates of a catalog to a fleet with Spark")
    parser.add_argument("catalog", help="the updates, a file of the driver")
    parser.add_argument("devices", help="the fleet, Parquet of `policy fleet import`")
    parser.add_argument("output", help="the folder that gets the assignment, as Parquet")
    parser.add_argument("--now", help="the time in RFC 3339; without it, an update with a start or an end is not active")
    options = parser.parse_args(arguments)
    spark = SparkSession.builder.appName("policy-lang").getOrCreate()
    assign(spark, Catalog.load(options.catalog), options.devices, options.now).write.mode("overwrite").parquet(options.output)
    written = spark.read.parquet(options.output)
    for update, reason, devices in (
        written.groupBy("update", "reason").count().orderBy(col("count").desc(), "update", "reason").collect()
    ):
        print(f"{devices:>12,}  {update or f'nothing: {reason}'}")


if __name__ == "__main__":
    main()
