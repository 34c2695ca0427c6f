"""Possessions for tests, each in one line."""

from datetime import timedelta
from typing import Any

from domain.upkeep.possessions import OwnPasskey, Possessions
from tests.clocks import START


def own_passkey(**changes: Any) -> OwnPasskey:
    """A passkey on a phone alone, proven and established, used a moment ago."""
    plain: dict[str, Any] = {
        "passkey_id": "p1",
        "name": "Android phone",
        "is_synced": False,
        "is_on_phone": True,
        "is_established": True,
        "bound_at": START - timedelta(days=90),
        "last_used_at": START,
    }
    return OwnPasskey(**(plain | changes))


def with_codes(**changes: Any) -> Possessions:
    """Eight recovery codes that are kept, and whatever else is wanted."""
    codes: dict[str, Any] = {"codes_left": 8, "codes_are_established": True, "has_had_codes": True}
    return Possessions(**(codes | changes))
