"""A headless Chromium for tests of pages: what it asks for, how wide a page becomes, what it looks like on a phone and on paper.

It speaks the DevTools protocol over a pair of pipes, so that no port is open and nothing else is needed.
"""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import engines

_QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
_NAMES = ("chromium", "chromium-browser", "google-chrome")


class Browser:
    """One process with one page.

    Attributes:
        requests: the address of everything that was asked for.
        messages: what was written to the console, such as a violation of the page's own policy.
    """

    def __init__(self, profile: Path) -> None:
        """Start it; skips the test where Chromium is not installed."""
        program = next(filter(None, map(shutil.which, _NAMES)), None)
        if program is None:
            engines.give_up("Chromium is not installed")
        self.requests: list[str] = []
        self.messages: list[str] = []
        self._number = 0
        (theirs, to), (back, other) = os.pipe(), os.pipe()
        # The protocol is spoken on the descriptors 3 and 4; not every shell takes numbers of two digits.
        shell = ["/bin/bash", "-c", f'exec "$@" 3<&{theirs} 4>&{other}', "bash"]
        options = [*_QUIET, "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen([*shell, program, *options], pass_fds=(theirs, other), stderr=subprocess.DEVNULL)
        os.close(theirs)
        os.close(other)
        self._to, self._back, self._pending = to, back, b""
        self._is_loaded = False
        self._session: str | None = None

    def __enter__(self) -> Self:
        """Take the first page, and let it tell what it does."""
        pages = [each for each in self.call("Target.getTargets")["targetInfos"] if each["type"] == "page"]
        self._session = self.call("Target.attachToTarget", targetId=pages[0]["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop the process."""
        os.close(self._to)
        os.close(self._back)
        self._process.kill()
        self._process.wait(10)

    def open(self, address: str, *, width: int, height: int = 900, dark: bool = False) -> None:
        """Load a page in a window of some size."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", **metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media="", features=[scheme])
        self._is_loaded = False
        self.call("Page.navigate", url=address)
        while not self._is_loaded:
            next(self._answers())

    def evaluate(self, expression: str) -> Any:
        """The value of an expression of JavaScript; the page's own policy does not forbid it to a test."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def screenshot(self) -> bytes:
        """The whole page as PNG, however long it is."""
        return base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"])

    def pdf(self) -> bytes:
        """The page as it is printed."""
        return base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=False)["data"])

    def print_view(self) -> None:
        """Show the page as on paper."""
        self.call("Emulation.setEmulatedMedia", media="print", features=[])

    def call(self, method: str, **parameters: Any) -> Any:
        """One command of the protocol, and its answer."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        answer = next(each for each in self._answers() if each.get("id") == self._number)
        assert "error" not in answer, answer
        return answer["result"]

    def _answers(self) -> Iterator[dict[str, Any]]:
        """Messages as they come; events are noted on the way."""
        while True:
            while b"\0" in self._pending:
                message, _, self._pending = self._pending.partition(b"\0")
                answer: dict[str, Any] = json.loads(message)
                self._note(answer)
                yield answer
            chunk = os.read(self._back, 65_536)
            assert chunk, "Chromium has ended"
            self._pending += chunk

    def _note(self, answer: dict[str, Any]) -> None:
        match answer.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(answer["params"]["request"]["url"])
            case "Page.loadEventFired":
                self._is_loaded = True
            case "Log.entryAdded":
                self.messages.append(answer["params"]["entry"]["text"])
            case _:
                pass
