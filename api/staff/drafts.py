"""Keeps what somebody has typed while they show again who they are: sealed, in the address of the way back."""

import json
from collections.abc import Mapping
from datetime import datetime

from api.staff.rights import Staff, StepUpNeeded
from domain.staff.staff import STEP_UP_LIFETIME, is_fresh
from services.container import Services


def require_step_up(services: Services, staff: Staff, path: str, typed: Mapping[str, str]) -> None:
    """Raise StepUpNeeded, with a way back on which nothing typed is lost, unless the ceremony is fresh.

    What comes back is only filled in again: the member presses the button themselves, as they see what it will do.
    """
    if staff.signed is None or is_fresh(staff.signed.stepped_up_at, now=services.clock()):
        return
    kept = {"at": services.clock().isoformat(), "for": _whose(staff, path), "typed": dict(typed)}
    raise StepUpNeeded(f"{path}?draft={services.seal.close(json.dumps(kept)).decode()}")


def read(services: Services, staff: Staff, path: str, draft: str) -> dict[str, str]:
    """What was typed on this page in this session, lately; nothing for a draft of anybody or anything else."""
    try:
        kept = json.loads(services.seal.open(draft.encode()))
    except ValueError:
        return {}
    # Other secrets are sealed with the same key; none of them says whose draft it is.
    if kept.get("for") != _whose(staff, path):
        return {}
    is_late = services.clock() - datetime.fromisoformat(kept["at"]) > STEP_UP_LIFETIME
    typed: dict[str, str] = kept["typed"]
    return {} if is_late else typed


def _whose(staff: Staff, path: str) -> list[str]:
    return [staff.signed.session_id if staff.signed else "", path]
