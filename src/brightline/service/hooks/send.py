"""The process that sends messages: `python -m brightline.service.hooks.send [PID of the parent]`.

It ends on SIGTERM, or when its parent is gone: a message that was not sent then waits for the next start.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

LOOK = 1.0  # seconds between two looks after the parent


def _end_with(parent: int, ended: threading.Event) -> None:
    while not ended.wait(LOOK):
        if os.getppid() != parent:
            ended.set()


def main() -> None:
    """Send until SIGTERM, or until the parent is gone."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brightline.service.settings")
    django.setup()
    from brightline.service.hooks.deliver import send_on

    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all processes; the first one ends this one
    if len(sys.argv) > 1:
        threading.Thread(target=_end_with, args=(int(sys.argv[1]), ended), daemon=True).start()
    send_on(ended)


if __name__ == "__main__":
    main()
