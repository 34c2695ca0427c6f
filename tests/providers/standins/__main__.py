"""Runs the stand-in as a process: prints where it is as a line of JSON, and stays until it is ended.

python -m tests.providers.standins --delay 0.05 --record taken.ndjson
"""

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from tests.providers.standins.callbacks import SendGridSigner, Teller
from tests.providers.standins.http import CONTROL, StandIn
from tests.providers.standins.sendgrid import SENDGRID_KEY
from tests.providers.standins.twilio import TWILIO_SID, TWILIO_TOKEN


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    given = _arguments()
    signer = SendGridSigner()
    teller = Teller(signer, given.events_url) if given.tell else None
    ended = threading.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: ended.set())
    with StandIn(port=given.port, delay=given.delay, record=given.record, teller=teller) as stand_in:
        about = {
            "url": stand_in.url,
            "troubles": stand_in.url + CONTROL,
            "sendgrid_key": SENDGRID_KEY,
            "sendgrid_webhook_key": signer.public_key,
            "twilio_sid": TWILIO_SID,
            "twilio_token": TWILIO_TOKEN,
        }
        sys.stdout.write(json.dumps(about) + "\n")
        sys.stdout.flush()
        ended.wait()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.providers.standins", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds until an answer")
    parser.add_argument(
        "--record", type=Path, help="append what is taken to this file, one JSON object a line"
    )
    parser.add_argument("--tell", action="store_true", help="tell by callbacks that all was delivered")
    parser.add_argument("--events-url", help="where SendGrid's events are told, with --tell")
    return parser.parse_args()


if __name__ == "__main__":
    main()
