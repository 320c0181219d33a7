"""What all tests share: no random test fails because the machine is slow, and no test sees the terminal that it runs in."""

import logging
import os

from hypothesis import settings

settings.register_profile("policy_lang", deadline=None, print_blob=True)
settings.load_profile("policy_lang")

for name in ("COLUMNS", "LINES"):  # a shell, or what runs tests side by side, may say how wide its terminal is
    os.environ.pop(name, None)

logging.getLogger("httpx").setLevel(logging.WARNING)  # pytest keeps each line, and thousands of requests would look like a leak
