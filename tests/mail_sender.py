"""For each line of input a process that sends one mail; its id is written out. So that a test can kill it."""

import os
import signal
import sys

import django

django.setup()

from crm.shared import delivery  # noqa: E402  (needs the settings)

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in sys.stdin:
    child = os.fork()
    if child == 0:
        delivery.send_due(limit=1)
        os._exit(0)
    sys.stdout.write(f"{child}\n")
    sys.stdout.flush()
