"""Keeps what members have typed while they step up: sealed, in the address of the page to return to."""

import json
from collections.abc import Mapping
from datetime import datetime

from api.staff.rights import Staff, StepUpNeeded
from domain.staff.staff import STEP_UP_LIFETIME, is_fresh
from services.container import Services


def require_step_up(services: Services, staff: Staff, path: str, typed: Mapping[str, str]) -> None:
    """Raise StepUpNeeded unless the ceremony is fresh. Its way back leads to this page, with everything typed.

    The form is only filled in again: the member presses the button, and sees before what it will do.
    """
    if staff.signed is None or is_fresh(staff.signed.stepped_up_at, now=services.clock()):
        return
    kept = {"at": services.clock().isoformat(), "for": _whose(staff, path), "typed": dict(typed)}
    raise StepUpNeeded(f"{path}?draft={services.seal.close(json.dumps(kept)).decode()}")


def read(services: Services, staff: Staff, path: str, draft: str) -> dict[str, str]:
    """What was typed on this page in this session; empty if the draft is too old, or of another session or page."""
    try:
        kept = json.loads(services.seal.open(draft.encode()))
    except ValueError:
        return {}
    # Other secrets are sealed with the same key, but only a draft names its session and page.
    if kept.get("for") != _whose(staff, path):
        return {}
    is_late = services.clock() - datetime.fromisoformat(kept["at"]) > STEP_UP_LIFETIME
    typed: dict[str, str] = kept["typed"]
    return {} if is_late else typed


def _whose(staff: Staff, path: str) -> list[str]:
    return [staff.signed.session_id if staff.signed else "", path]
