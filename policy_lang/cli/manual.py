r"""What `--help` says below the options, in lines of 78 characters; `[bold]` is markup, and so is every `[` without a `\\`."""

MAIN = """[bold]Examples[/]
  policy eval -e "device.region == 'us'" --set region=us
  policy select catalog.yaml --device device.json5
  policy lint catalog.yaml policies/

[bold]Exit codes[/]
  0  fine
  1  findings, or no match where that is the question
  2  wrong usage, or input that cannot be read
  3  our fault

[bold]Environment[/]
  NO_COLOR      no colours
  COLUMNS       the width of a line, for tables
  POLICY_DEBUG  1 shows the traceback of an internal error
"""

EVAL = """[bold]Examples[/]
  A policy and a device in files, the version of the update given here:
    policy eval regional.policy -d device.json5 --set update.version=2.0.0

  Why does it not match?
    policy eval -e "device.memory >= 256" --set memory=128 --explain

  A device from one program, the answer for another:
    fetch-device 42 | policy eval regional.policy -d - -f json

[bold]Result[/]
  `match`, `no match`, or `unknown` with each cause on a line of its own.
  With `--format json` one object:
    {"match": false, "result": null, "causes": \\[…]}
  and with `--explain` the value of every part as `policy`.

[bold]Exit codes[/]
  0  match
  1  no match, or unknown
  2  the policy or the device cannot be read
"""

SELECT = """[bold]Examples[/]
  What does this device get, and why not the newest?
    policy select catalog.yaml -d device.json5 --trace

  All devices of a folder:
    policy select catalog.yaml devices/*

  A fleet, one JSON object a line, at a planned time:
    policy select catalog.yaml -D fleet.ndjson --now 2026-05-12T09:00:00Z

  How many devices get which update?
    policy select catalog.yaml -D fleet.ndjson -f json |
      jq -r .update | sort | uniq -c

[bold]Result[/]
  A row for each device. With `--format json` one object a line: `device`,
  `file`, `line`, `reason`, `detail`, `url`, `checksum`, `update`, `version`,
  and with `--trace` the `trace`. This is a preview: limits such as
  `max_devices` are counted anew in each run, nothing is granted for good.

[bold]Exit codes[/]
  0  done
  1  the only device gets nothing
  2  the catalog, a device or a line cannot be read; the rest is done
"""

LINT = """[bold]Examples[/]
  policy lint catalog.yaml
  policy lint policies/ --schema device.schema.json
  policy lint -e "1 < device.memory < 3"
  policy lint . --format json | jq -r .code | sort | uniq -c

[bold]Result[/]
  Findings on standard output, a summary on standard error. With
  `--format json` one object a line: `code`, `severity`, `message`, `help`,
  `file`, `field`, `primary`, `related`, `fix`.

[bold]Exit codes[/]
  0  nothing found
  1  findings
  2  something cannot be read; the rest is checked
"""
