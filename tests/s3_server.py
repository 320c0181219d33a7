"""A server that speaks S3 over TLS, in a process of its own: what a cloud has, for tests on this machine.

moto stores the objects. It checks neither signatures nor the end of a URL's life, so a layer before it does both, with the SDK of
AWS as the judge: a request without a valid signature is answered as AWS answers it.
"""

import atexit
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode

import trustme

ACCESS_KEY, SECRET_KEY, REGION = "AKIATESTS", "a secret for tests", "eu-central-1"

_Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class S3Server(NamedTuple):
    """A running server: where it is, and which certificates to trust."""

    endpoint: str
    ca_file: str
    process: "subprocess.Popen[str]"


@cache
def s3() -> S3Server:
    """The server that all tests of this process share."""
    return start()


def start() -> S3Server:
    """Start a server; it ends with this process."""
    folder = tempfile.TemporaryDirectory(prefix="policy-lang-s3-")
    atexit.register(folder.cleanup)
    authority, paths = trustme.CA(), [str(Path(folder.name, name)) for name in ("ca.pem", "server.pem")]
    authority.cert_pem.write_to_path(paths[0])
    authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(paths[1])
    command = [sys.executable, __file__, paths[1]]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    atexit.register(_stop, process)
    assert process.stdout is not None
    port = process.stdout.readline().strip()
    return S3Server(f"https://localhost:{port}", paths[0], process)


def _stop(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate()


def serve(certificate: str) -> None:
    """Serve until the process is stopped, and say on which port."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415  slow to import
    from werkzeug.serving import make_server  # noqa: PLC0415  the same

    application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, guarded(application), threaded=True, ssl_context=(certificate, certificate))
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    server.serve_forever()


def guarded(application: _Application) -> _Application:
    """An application that only signed requests reach."""

    def guard(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        refusal = refuse(environ, datetime.now(UTC))  # noqa: TID251  a server has a clock
        if refusal is None:
            return application(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "application/xml")])
        return [f"<?xml version='1.0'?><Error><Code>{refusal}</Code></Error>".encode()]

    return guard


def refuse(environ: dict[str, Any], now: datetime) -> str | None:
    """The error code for a request that AWS would not let in."""
    query = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"], keep_blank_values=True).items()}
    if "X-Amz-Signature" in query:
        return _refuse_url(environ, query, now)
    given = environ.get("HTTP_AUTHORIZATION", "")
    if not given:
        return "AccessDenied"
    return None if given == _header(environ, given) else "SignatureDoesNotMatch"


def _refuse_url(environ: dict[str, Any], query: dict[str, str], now: datetime) -> str | None:
    """What is wrong with a presigned URL."""
    from botocore.auth import S3SigV4QueryAuth  # type: ignore[import-untyped]  # noqa: PLC0415  the judge, without types

    given = query.pop("X-Amz-Signature")
    signed = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if now >= signed + timedelta(seconds=int(query["X-Amz-Expires"])):
        return "AccessDenied"
    judge = S3SigV4QueryAuth(_credentials(), "s3", REGION)
    request = _request(environ, f"?{urlencode(query)}", {"host": environ["HTTP_HOST"]}, query["X-Amz-Date"])
    wanted = judge.signature(judge.string_to_sign(request, judge.canonical_request(request)), request)
    return None if given == wanted else "SignatureDoesNotMatch"


def _header(environ: dict[str, Any], given: str) -> str:
    """The `Authorization` that a request should have, for the headers that it signs."""
    from botocore.auth import S3SigV4Auth  # noqa: PLC0415  the judge, without types

    judge = S3SigV4Auth(_credentials(), "s3", REGION)
    names = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    headers = {
        name: environ.get(name.upper().replace("-", "_"), environ.get(f"HTTP_{name.upper().replace('-', '_')}")) for name in names
    }
    query = environ["QUERY_STRING"]
    request = _request(environ, f"?{query}" if query else "", headers, environ["HTTP_X_AMZ_DATE"])
    request.headers.replace_header("X-Amz-Content-SHA256", environ["HTTP_X_AMZ_CONTENT_SHA256"])
    wanted = judge.signature(judge.string_to_sign(request, judge.canonical_request(request)), request)
    scope = judge.scope(request)
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={';'.join(names)}, Signature={wanted}"


def _request(environ: dict[str, Any], query: str, headers: dict[str, Any], stamp: str) -> Any:
    """The request as the SDK would have made it before it was sent."""
    from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]  # noqa: PLC0415  the judge, without types

    url = f"https://{environ['HTTP_HOST']}{environ['RAW_URI'].partition('?')[0]}{query}"
    request = AWSRequest(method=environ["REQUEST_METHOD"], url=url, headers=headers)
    request.context["timestamp"] = stamp
    return request


def _credentials() -> Any:
    from botocore.credentials import Credentials  # type: ignore[import-untyped]  # noqa: PLC0415  the judge, without types

    return Credentials(ACCESS_KEY, SECRET_KEY)


if __name__ == "__main__":
    serve(sys.argv[1])
