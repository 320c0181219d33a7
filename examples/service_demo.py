"""A device cloud on this machine: an image store, the check-in service, three devices, and the audit that explains each of them.

    make demo-service

Everything is real and speaks TLS: a server process that speaks S3 (moto), `policy serve` with a database, and an agent process for
each device, which installs what it is offered with `scripts/update`. Everything lies in a folder that is removed at the end. If
anything does not go as it is told, the exit code is 1.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import trustme
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]  # it ships no types

from policy_lang import bucket

HERE = Path(__file__).resolve().parent
PRODUCT, BUCKET, REGION = "atlas", "atlas-images", "eu-central-1"
STABLE, CANARY = "atlas-2.3.0", "atlas-2.4.0"
CANARY_PERCENT = 20
BUCKETS_PER_PERCENT = 10_000
PATIENCE = 120.0
UNSIGNED = {"AWS_ACCESS_KEY_ID": "demo", "AWS_SECRET_ACCESS_KEY": "demo", "AWS_DEFAULT_REGION": REGION}


class NotAsToldError(Exception):
    """Something did not go as the story has it."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device: a folder with its software, its files and its agent."""

    folder: Path
    id: str

    @property
    def version(self) -> str:
        """What it runs."""
        return (self.folder / "product" / "current" / "VERSION").read_text().strip()


@dataclass(frozen=True, slots=True)
class Cloud:
    """What the story plays with: a folder, the certificates, and the environment of every command."""

    folder: Path
    authority: Path
    certificate: Path
    key: Path
    environment: Mapping[str, str]

    def policy(self, *arguments: str, expected: int = 0, **more: str) -> str:
        """Run `policy …`, and give back what it prints; its log is told."""
        run = subprocess.run(  # noqa: S603  our own command line
            [sys.executable, "-m", "policy_lang", *arguments],
            env={**self.environment, **more},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        for line in run.stderr.splitlines():
            print(f"     {line}")
        expect(run.returncode == expected, f"`policy {arguments[0]}` ends with {expected}, and ended with {run.returncode}")
        return run.stdout


def main() -> int:
    """Tell the story; 1 if it goes another way."""
    print("A device cloud, an image store and three devices, all on this machine")
    try:
        with ExitStack() as stack:
            tell(stack)
    except NotAsToldError as error:
        print(f"\nThis is not as told: {error}")
        return 1
    print("\nAll as told.")
    return 0


def tell(stack: ExitStack) -> None:
    """The story, chapter by chapter."""
    cloud = new_cloud(Path(stack.enter_context(TemporaryDirectory(prefix="policy-demo-"))))
    store = stack.enter_context(image_store(cloud))
    token = prepare_database(cloud, store)
    images = {STABLE: make_image("2.3.0"), CANARY: make_image("2.4.0")}
    publish(cloud, images)
    host = stack.enter_context(service(cloud))
    lucky, other, silent = devices(cloud, host, token)
    check_in(cloud, lucky, "It is in the canary: it installs 2.4.0 and reports.", "2.4.0")
    check_in(cloud, other, "It is outside the canary: it gets the release before it.", "2.3.0")
    check_in(cloud, silent, "It runs 2.3.0 and does not say how much memory it has: it gets nothing.", "2.3.0")
    check_reports(cloud, {lucky.id: CANARY, other.id: STABLE})
    explain(cloud, lucky, CANARY, [(CANARY, "offered")])
    explain(cloud, other, STABLE, [(CANARY, "outside rollout"), (STABLE, "offered")])
    explain(cloud, silent, None, [(CANARY, "policy unknown")])
    say("The first device checks in again: it is up to date.")
    told = cloud.policy("agent", "check", "--config", str(lucky.folder / "config.json5"), expected=1)
    expect(told == "nothing is offered\n", f"nothing is offered to a device that is up to date, and it was told `{told}`")
    print("     nothing is offered")


def new_cloud(folder: Path) -> Cloud:
    """Certificates of our own, and an environment in which nothing of this machine counts."""
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    paths = [folder / name for name in ("authority.pem", "certificate.pem", "key.pem")]
    authority.cert_pem.write_to_path(paths[0])
    certificate.cert_chain_pems[0].write_to_path(paths[1])
    certificate.private_key_pem.write_to_path(paths[2])
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "POLICY_"))}
    import_path = os.pathsep.join((str(HERE.parent), *filter(None, [plain.get("PYTHONPATH")])))
    database = f"sqlite:///{folder / 'service.db'}"
    environment = {**plain, **UNSIGNED, "PYTHONPATH": import_path, "NO_COLOR": "1", "POLICY_DATABASE": database}
    return Cloud(folder, paths[0], paths[1], paths[2], environment)


@contextmanager
def image_store(cloud: Cloud) -> Iterator[str]:
    """A server that speaks S3 over TLS, with a bucket."""
    port = free_port()
    command = [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)]
    certificates = ["-c", str(cloud.certificate), "-k", str(cloud.key)]
    with running(cloud, [*command, *certificates], "store.log"):
        endpoint = f"https://localhost:{port}"
        wait_for(lambda: has_bucket(cloud, endpoint), "the image store answers")
        say(f"The image store speaks S3 at {endpoint}, with the bucket {BUCKET}.")
        yield endpoint


def has_bucket(cloud: Cloud, endpoint: str) -> bool:
    """Make the bucket, if the store answers already."""
    from boto3.session import Session  # type: ignore[import-untyped]  # noqa: PLC0415  without types, and slow to import

    keys = {"aws_access_key_id": "demo", "aws_secret_access_key": "demo"}
    client = Session(**keys, region_name=REGION).client("s3", endpoint_url=endpoint, verify=str(cloud.authority))
    try:
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    except (BotoCoreError, ClientError):
        return False
    return True


def prepare_database(cloud: Cloud, store: str) -> Path:
    """The settings, the tables, the product, and a token for its devices."""
    images = {
        "kind": "s3",
        "bucket": BUCKET,
        "endpoint": store,
        "region": REGION,
        "addressing": "path",
        "ca_file": str(cloud.authority),
    }
    table = "\n".join(f"{name} = {json.dumps(value)}" for name, value in images.items())
    (cloud.folder / "policy.toml").write_text(f'audit = "all"\n\n[images.demo]\n{table}\n')
    say("The database gets its tables, the product atlas, and a token for its devices.")
    cloud.policy("service", "migrate")
    cloud.policy("service", "product", "add", PRODUCT)
    path = cloud.folder / "token"
    path.write_text(cloud.policy("service", "token", "create", PRODUCT))
    return path


def make_image(version: str) -> bytes:
    """An archive with a program, as `scripts/update` unpacks it."""
    file = BytesIO()
    program = f"#!/bin/sh\necho this is {version}\n".encode()
    with tarfile.open(fileobj=file, mode="w") as archive:
        entry = tarfile.TarInfo("bin/start")
        entry.mode, entry.size = 0o755, len(program)
        archive.addfile(entry, BytesIO(program))
    return file.getvalue()


def publish(cloud: Cloud, images: Mapping[str, bytes]) -> None:
    """Two updates: one for everybody, and above it a canary for a fifth of the devices with enough memory."""
    offers = {
        STABLE: ("2.3.0", "device.version >= '2.0.0'", []),
        CANARY: ("2.4.0", "device.memory >= 128", ["--percent", str(CANARY_PERCENT)]),
    }
    for name, (version, policy, rollout) in offers.items():
        share = f"{CANARY_PERCENT} % of the devices" if rollout else "all devices"
        say(f"Version {version} is published for {share} with {policy}.")
        path = cloud.folder / f"{name}.tar"
        path.write_bytes(images[name])
        options = ["--product", PRODUCT, "--version", version, "--policy", policy, "--config", "policy.toml", *rollout]
        done = json.loads(cloud.policy("publish", str(path), *options, "--format", "json"))
        expect(done["state"] == "published", f"{name} is published, and it is `{done['state']}`")
        expect(done["update"]["checksum"] == sha256(images[name]).hexdigest(), f"the checksum of {name} is that of its image")


@contextmanager
def service(cloud: Cloud) -> Iterator[str]:
    """The check-in service in a process of its own; where it is."""
    command = [sys.executable, "-m", "policy_lang", "serve", "--config", "policy.toml", "--port", "0"]
    certificates = ["--tls-cert", str(cloud.certificate), "--tls-key", str(cloud.key)]
    with running(cloud, [*command, *certificates], "service.log") as log:
        address = re.compile(r"^Serving https://127\.0\.0\.1:(\d+)", re.MULTILINE)
        wait_for(lambda: address.search(log.read_text()) is not None, "the service listens")
        found = address.search(log.read_text())
        host = f"https://localhost:{'' if found is None else found[1]}"
        say(f"The service answers at {host}.")
        yield host


def devices(cloud: Cloud, host: str, token: Path) -> tuple[Device, Device, Device]:
    """One device in the canary and one outside it, by their ids; and one that says little."""
    ids = [f"AT-{number:04}" for number in range(1, 200)]
    inside = next(each for each in ids if bucket(each, CANARY) < CANARY_PERCENT * BUCKETS_PER_PERCENT)
    outside = next(each for each in ids if bucket(each, CANARY) >= CANARY_PERCENT * BUCKETS_PER_PERCENT)
    facts = {"product": PRODUCT, "memory": "256"}
    return (
        new_device(cloud, host, token, {"id": inside, **facts}, "2.2.0"),
        new_device(cloud, host, token, {"id": outside, **facts}, "2.2.0"),
        new_device(cloud, host, token, {"id": "AT-9000", "product": PRODUCT}, "2.3.0"),
    )


def new_device(cloud: Cloud, host: str, token: Path, facts: dict[str, str], version: str) -> Device:
    """The files of a device, and the settings of its agent."""
    device = Device(cloud.folder / "devices" / facts["id"], facts["id"])
    release = device.folder / "product" / "releases" / version
    release.mkdir(parents=True)
    (release / "VERSION").write_text(f"{version}\n")
    (device.folder / "product" / "current").symlink_to(f"releases/{version}")
    shutil.copytree(HERE / "scripts", device.folder / "scripts")
    (device.folder / "device.json5").write_text(json.dumps(facts))
    settings = {
        "host": host,
        "token_file": str(token),
        "version_file": "product/current/VERSION",
        "scripts": {"update": "scripts/update"},
        "directories": {"state": "state"},
        "tls": {"authority": str(cloud.authority)},
    }
    (device.folder / "config.json5").write_text(json.dumps(settings))
    return device


def check_in(cloud: Cloud, device: Device, story: str, version: str) -> None:
    """One round of the agent of a device."""
    before = device.version
    say(f"Device {device.id} runs {before} and checks in. {story}")
    cloud.policy("agent", "run", "--once", "--config", str(device.folder / "config.json5"), ROOT=str(device.folder / "product"))
    expect(device.version == version, f"{device.id} runs {version}, and it runs {device.version}")
    if version != before:
        program = (device.folder / "product" / "current" / "bin" / "start").read_text()
        expect(f"this is {version}" in program, f"the program of {device.id} is that of {version}")


def check_reports(cloud: Cloud, expected: Mapping[str, str]) -> None:
    """What the server knows: one success for each device that was updated."""
    say("The server has their reports, each once.")
    reports = {}
    for row in rows(cloud, "--kind", "report"):
        expect(row["document"]["success"] is True, f"the report of {row['device']} is a success")
        expect(row["device"] not in reports, f"{row['device']} is in the audit once")
        reports[row["device"]] = row["update"]
        print(f"     {row['device']}: {row['update']} succeeded")
    expect(reports == expected, f"the reports are {dict(expected)}, and they are {reports}")


def explain(cloud: Cloud, device: Device, update: str | None, gates: list[tuple[str, str]]) -> None:
    """The decision in the audit, made again from the audit alone."""
    say(f"Why did {device.id} get {update or 'nothing'}? The audit knows, and decides it again:")
    decisions = rows(cloud, "--kind", "decision", "--device", device.id)
    expect(len(decisions) == 1, f"{device.id} has one decision, and it has {len(decisions)}")
    again = json.loads(cloud.policy("service", "audit", "replay", str(decisions[0]["seq"]), "--format", "json"))
    expect(again["agrees"] is True, f"the decision about {device.id} is the same again")
    found = [(step["update"], step["gate"]) for step in again["decision"]["trace"]]
    for step in again["decision"]["trace"]:
        print(f"     {step['update']}: {step['detail']}")
    print("     the decision is the same again")
    expect(found == gates, f"the gates for {device.id} are {gates}, and they are {found}")


def rows(cloud: Cloud, *options: str) -> list[dict[str, Any]]:
    """Rows of the audit, the latest first."""
    return [json.loads(line) for line in cloud.policy("service", "audit", "list", *options, "--format", "json").splitlines()]


@contextmanager
def running(cloud: Cloud, command: list[str], log: str) -> Iterator[Path]:
    """A server process, which ends with the block; the file that it writes to."""
    path = cloud.folder / log
    with path.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603  our own servers
            command, stdout=file, stderr=subprocess.STDOUT, env=dict(cloud.environment), cwd=cloud.folder
        )
        try:
            yield path
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(is_so: Callable[[], bool], what: str) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        expect(time.monotonic() < end, f"{what} within {PATIENCE:g} s")
        time.sleep(0.1)


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def say(text: str) -> None:
    """One sentence of the story."""
    print(f"\n  {text}")


def expect(is_so: bool, what: str) -> None:  # noqa: FBT001  reads as a sentence
    """Go on only if it is as told."""
    if not is_so:
        raise NotAsToldError(what)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a text stream, unless a test has replaced it
    sys.exit(main())
