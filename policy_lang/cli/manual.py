r"""What `--help` says below the options, in lines of 78 characters; `[bold]` is markup, and so is every `[` without a `\\`."""

MAIN = """[bold]Examples[/]
  policy eval -e "device.region == 'us'" --set region=us
  policy select catalog.yaml --device device.json5
  policy lint catalog.yaml policies/
  policy fmt catalog.yaml policies/

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

EXPLAIN = """[bold]Examples[/]
  Why did this device get that?
    policy explain catalog.yaml -d device.json5

  Why did it not get the newest, and what would have to happen?
    policy explain catalog.yaml -d device.json5 --update-id atlas-2.4.0

  What if it were in another region?
    policy explain catalog.yaml -d device.json5 --set region=us-west

  One policy; the Python that runs for it:
    policy explain -e "device.memory >= 256" --set memory=128
    policy explain regional.policy --python

[bold]Result[/]
  The decision in a sentence, then each update that was tried: what stopped
  it, the value of every part of its policy, and what would have to happen.
  The nearest change has as few properties of the device as possible.
  With `--format json` one object; docs/cli.md has its fields.

[bold]Exit codes[/]
  0  explained, whatever the decision is
  2  something cannot be read
"""

LINT = """[bold]Examples[/]
  policy lint catalog.yaml policies/
  policy lint policies/ --schema device.schema.json --ignore yoda_condition
  policy lint -e "device.region == null"
  policy lint . --diff
  policy lint . --fix
  policy lint . --format sarif > policy.sarif
  policy lint - --stdin-filename catalog.yaml < draft.yaml
  policy rule null_comparison

[bold]Result[/]
  Findings on standard output, a summary on standard error. With
  `--format json` one object a line: `code`, `rule`, `severity`, `message`,
  `help`, `file`, `field`, `primary`, `related`, `fix`.

[bold]Configuration[/]
  The nearest policy.toml, or pyproject.toml with a table \\[tool.policy],
  above each file: `schema`, `lint.select`, `lint.ignore`, `lint.severity`,
  `lint.per-file-ignores`.

[bold]Exit codes[/]
  0  nothing found, or hints (info) only
  1  errors or warnings; with `--diff`, something to fix
  2  something cannot be read; the rest is checked
"""

FMT = """[bold]Examples[/]
  policy fmt catalog.yaml policies/
  policy fmt . --check
  policy fmt . --diff | patch -p1
  policy fmt -e "device.memory>=256&&device.pro===true"
  policy fmt - < draft.policy

[bold]Result[/]
  Files are replaced as a whole. With `--format json` one object a line:
  `file`, `state` (`unchanged`, `reformatted`, `would reformat`), and `text`
  for a policy that has no file.

[bold]Configuration[/]
  `fmt.width` in the nearest policy.toml, or in pyproject.toml below
  \\[tool.policy].

[bold]Exit codes[/]
  0  done
  1  with `--check` or `--diff`: something would change
  2  something cannot be formatted; the rest is done
  3  our fault: a result is not the same policy; nothing is written
"""

RULE = """[bold]Examples[/]
  policy rule
  policy rule PL322
  policy rule null_comparison
  policy rule PL203
  policy rule --format json | jq -r .name

[bold]Exit codes[/]
  0  shown
  2  there is no such code or rule
"""

TEST = """[bold]Examples[/]
  policy test
  policy test tests/ -k premium --coverage
  policy test --fail-under 100 --fail-under-mcdc 90 --junit results.xml

[bold]A test file[/]
  policy: regional.policy
  update: {version: 2.0.0}
  cases:
    - name: premium devices in any region get it
      device: {version: 1.9.0, region: eu-west, tier: premium}
      expect: match

[bold]Result[/]
  Each failure with the value of every part, on standard output; a summary
  on standard error. With `--format json` one object a line: `kind` is
  `case` or `coverage`.

[bold]Exit codes[/]
  0  every case passed
  1  a case failed, or less is covered than was asked
  2  a test file cannot be read, or there is nothing to test
"""

COMPILE = """[bold]Examples[/]
  policy compile catalog.yaml
  policy compile catalog.yaml -o build/catalog.policyc
  policy select build/catalog.policyc -d device.json5

  In a build: is the compiled catalog the one of this source?
    policy compile catalog.yaml -o build/catalog.policyc --check

[bold]Result[/]
  One file, replaced as a whole. It holds for this release of the library,
  this schema and these options; loading refuses it for any other. With
  `--format json` one object: `file`, `state`, `updates`, `policies`.

[bold]Exit codes[/]
  0  written, or up to date
  1  with --check: not up to date
  2  the catalog has findings, or a file cannot be read or written
"""

FLEET = """[bold]Examples[/]
  policy fleet import devices/ -o fleet.parquet
"""

FLEET_IMPORT = """[bold]Examples[/]
  policy fleet import fleet.ndjson -o fleet.parquet
  policy fleet import devices/ more.json.gz -o fleet.parquet
  export-devices | policy fleet import - -o fleet.parquet
  policy fleet import fleet.ndjson -o fleet.parquet --schema schema.json

[bold]Result[/]
  The file, with a typed column for each property. The properties of which
  some values are unknown are listed on standard output, a summary is on
  standard error. With `--format json` one object: `file`, `written`,
  `devices`, `rejected`, `rejected_file`, `duplicates`, `duplicate_ids`,
  `ignored`, `properties`.

[bold]Exit codes[/]
  0  written, whatever was rejected
  1  with --strict: a device was rejected, or a value is none of its type
  2  a source cannot be read, or there is no device
"""

SIMULATE = """[bold]Examples[/]
  policy simulate catalog.yaml --fleet fleet.parquet --days 30
  policy simulate catalog.yaml -F fleet.ndjson -n 14 --start 2026-05-08T00:00:00Z
  policy simulate catalog.yaml -F fleet.parquet -n 14 --success 0.98 --html simulation.html

[bold]Result[/]
  What becomes of each update, and when a limit is reached; then for each
  product the devices by version, day by day, with a bar. With
  `--format json` one object: `start`, `days`, `devices`, `adoption`,
  `updates`; with `csv` or `parquet` a row for each day, product, version.

[bold]Exit codes[/]
  0  done
  2  the catalog or the fleet cannot be read; of a fleet with documents
     that are no devices, the rest is done
"""

PREVIEW = """[bold]Examples[/]
  How many devices will this reach, by region, before anybody is asked?
    policy preview canary.policy -F fleet.parquet -u update.json --by region

  What a whole catalog does to the fleet, and one update with its ramp:
    policy preview catalog.yaml -F fleet.parquet --html report.html
    policy preview catalog.yaml -F fleet.parquet -i atlas-2.3.0

[bold]Result[/]
  How many devices match, do not match, and are unknown; what keeps them
  unknown; how far the rollout reaches; some devices of each kind. Limits
  on the number of grants are not counted. With `--format json` one
  object, with `csv` or `parquet` a row for each value or update.

[bold]Exit codes[/]
  0  shown
  2  the policy, the catalog or the fleet cannot be read
"""

ASSIGN = """[bold]Examples[/]
  policy assign catalog.yaml -F fleet.parquet
  policy assign catalog.yaml -F fleet.parquet -o assigned.parquet

[bold]Result[/]
  How many devices get each update, and why the others get none. The file
  has a row for each device: `id`, `product`, `version`, `update`, `to`,
  `reason`. Nothing is granted.

[bold]Exit codes[/]
  0  shown, and written
  2  the catalog or the fleet cannot be read, or the file not be written
"""

DIFF = """[bold]Examples[/]
  policy diff catalog.yaml new.yaml -F fleet.parquet
  policy diff old.policy new.policy -F fleet.parquet -u update.json

  In a build, before a change goes out:
    policy diff main.yaml branch.yaml -F fleet.parquet \\
      --fail-on 'lost>0' --fail-on 'downgraded>0' --fail-on 'changed>5%'

[bold]Gates[/]
  A measure, an operator, and a number of devices or a percent of all.
  gained      nothing before, an update (or a match) now
  lost        an update (or a match) before, nothing now
  changed     another update than before
  lowered     of those, an older one than before
  downgraded  sent behind its own version, and was not before
  matched     an update (or a match) now
  unknown     nothing now, because of what the device did not send

[bold]Exit codes[/]
  0  compared
  1  a gate fails
  2  a policy, a catalog or the fleet cannot be read
"""

AGENT = """[bold]Examples[/]
  policy agent check --config /etc/policy-agent/config.json5
  policy agent run --config /etc/policy-agent/config.json5
"""

AGENT_RUN = """[bold]Examples[/]
  With everything in a file, and `device.json5` beside it:
    policy agent run --config /etc/policy-agent/config.json5

  With the words of the stand-alone updater, for one round, from cron:
    policy agent run --once --host https://updates.example.com \\
      --token-file /etc/token --product atlas --device A123456789 \\
      --version 2.1.2 --cmd ./apply.sh pro=true

[bold]Properties[/]
  KEY=VALUE is text; KEY:=VALUE is JSON, such as memory:=512.

[bold]Signals[/]
  SIGTERM and SIGINT end the agent; a script that runs goes on without it,
  and the next agent finds out how it ended.

[bold]Exit codes[/]
  0  ended by a signal or by the script; with --once: nothing went wrong
  1  with --once: there was an error; the next round goes on from there
  2  the settings cannot be used, or another agent runs on this device
"""

AGENT_CHECK = """[bold]Examples[/]
  policy agent check --config /etc/policy-agent/config.json5 region=us-west

[bold]Result[/]
  The update that the server offers, and whether the agent would take it.
  Nothing is downloaded or applied. The server counts the check-in as any
  other. With `--format json` one object: `update`, `version`, `checksum`,
  `from`, `refused`.

[bold]Exit codes[/]
  0  an update is offered, and would be taken
  1  nothing is offered, or the offer would be refused
  2  the settings cannot be used, or there is no answer that can be
"""

SERVE = """[bold]Examples[/]
  Try it: a catalog, a database beside it, a token for each product:
    policy serve catalog.yaml

  In production, where `policy service` prepared the database:
    policy serve --database postgresql://policy@db.example.com/policy \\
      --host 0.0.0.0 --port 8443 --workers 4 \\
      --tls-cert cert.pem --tls-key key.pem

[bold]Settings[/]
  From `--config FILE`, then from the environment, then from the options.
  POLICY_DATABASE and POLICY_SERVER__PORT name the fields of the file; all
  of them are listed in docs/operations.md.

[bold]Signals[/]
  SIGTERM and SIGINT end the service after the requests that it has. With
  several workers, SIGHUP replaces one after the other; with one, it loads
  a renewed certificate.

[bold]Exit codes[/]
  0  ended by a signal
  2  the settings, the catalog or the database cannot be used
"""

SERVICE = """[bold]Examples[/]
  export POLICY_DATABASE=sqlite:///service.db
  policy service migrate
  policy service product add atlas --schema schema.yaml
  policy service token create atlas
  policy service updates put atlas update.json
"""

SERVICE_MIGRATE = """[bold]Examples[/]
  policy service migrate --database sqlite:///service.db
  policy service migrate --database postgresql://policy@db/updates

[bold]Exit codes[/]
  0  the tables are those of this release
  2  the database cannot be used: it is somebody else's, newer, or away
"""

SERVICE_PRODUCT = """[bold]Examples[/]
  policy service product add atlas --schema schema.yaml
  policy service product list --format json
"""

SERVICE_TOKENS = """[bold]Examples[/]
  policy service token create atlas > atlas.token
  policy service token create atlas --scope admin --expires 90d
  policy service token create atlas --secret-file old.token
  policy service token rotate 3f9a0c2b7d11 --overlap 14d
  policy service token revoke 3f9a0c2b7d11

[bold]Result[/]
  The secret alone is on standard output, once; the database keeps its
  SHA-256 only.
"""

SERVICE_UPDATES = """[bold]Examples[/]
  policy service updates put atlas update.json
  policy service updates list atlas
  policy service updates pause atlas atlas-2.4.0
  policy service updates resume atlas atlas-2.4.0

[bold]States[/]
  offered     devices get it as its policy and rollout say
  paused      somebody holds it back
  held        more devices failed than its `pause_on_failures`
  unverified  its image was not found complete yet
  removed     it is no longer in the catalog
"""

SERVICE_AUDIT = """[bold]Examples[/]
  policy service audit list --device atlas-000042
  policy service audit show 1234
  policy service audit replay 1234

[bold]Exit codes[/]
  0  shown; the decision is the same again
  1  the row was changed, or the decision would be another one
  2  there is no such row, or the database cannot be used
"""
