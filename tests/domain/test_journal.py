"""Which entries are progress, and which a journey is told of."""

import pytest

from domain.journal import EventKind, concerns_journey, is_progress

PROGRESS = {
    EventKind.JOURNEY_STARTED,
    EventKind.EMAIL_VERIFIED,
    EventKind.PASSKEY_BOUND,
    EventKind.PASSKEY_REMOVED,
    EventKind.PASSKEY_PROVEN,
    EventKind.RECOVERY_CODES_PROVEN,
    EventKind.SMS_RESTORED,
}
CHANGES_FACTS = {
    EventKind.ACCOUNT_CHANGED,
    EventKind.PROMPT_SEEN,
    EventKind.PROMPT_SKIPPED,
    EventKind.CANNOT_NOW,
    EventKind.RECOVERY_CODES_MADE,
    EventKind.RECOVERY_CODE_USED,
    EventKind.POLICY_CHANGED,
    EventKind.RELEASED,
}


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_is_progress_or_not_as_the_table_says(kind: EventKind) -> None:
    assert is_progress(kind) is (kind in PROGRESS)


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_that_changes_what_a_journey_decides_by_is_told_to_it(kind: EventKind) -> None:
    assert concerns_journey(kind) is (kind in PROGRESS | CHANGES_FACTS)


@pytest.mark.parametrize(
    "kind", [kind for kind in EventKind if kind.startswith(("message_", "sign", "ceremony"))]
)
def test_a_message_sent_or_an_attempt_to_sign_in_wakes_no_journey(kind: EventKind) -> None:
    assert not concerns_journey(kind)
