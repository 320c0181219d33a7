"""What all tests share: no random test fails because the machine is slow, and no test sees the terminal that it runs in."""

import logging
import os

from hypothesis import settings

# A red build tells about a change and not about luck, so examples are the same in every run; `make explore` draws new ones.
settings.register_profile("repeatable", deadline=None, print_blob=True, derandomize=True)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("repeatable")

for name in ("COLUMNS", "LINES"):  # a shell, or what runs tests side by side, may say how wide its terminal is
    os.environ.pop(name, None)

logging.getLogger("httpx").setLevel(logging.WARNING)  # pytest keeps each line, and thousands of requests would look like a leak
