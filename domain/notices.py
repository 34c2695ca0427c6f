"""The notice that text-message codes will end: when its days run, and what a person was told of them."""

from datetime import datetime, timedelta

from domain.facts import Facts

NOTICE_AGAIN_AFTER = timedelta(days=1)
"""A notice that came by no channel is given again after this time, or after `policy.notice` if that is shorter."""

HANDOVER = timedelta(minutes=1)
"""If a notice takes longer than this to its provider, its days begin later."""


def notice_runs_from(facts: Facts) -> datetime | None:
    """When the days of the notice began: when it was given, or HANDOVER before it went out, whichever is later.

    None until the notice has gone out by a channel: SMS stays on for a person who was not told.
    """
    if facts.noticed_at is None or facts.sms_since is None or facts.notice_missed:
        return None
    return max(facts.sms_since, facts.noticed_at - HANDOVER)


def told_until(*, written_at: datetime, went_out_at: datetime | None, length: timedelta) -> datetime:
    """The moment before which a letter that says "in so many days" lets nothing end; a late letter says it late."""
    return max(written_at, (went_out_at or written_at) - HANDOVER) + length


def whole_days(length: timedelta) -> str:
    """How many days a letter may promise: never more than there are; "0" means less than a day."""
    return str(max(length // timedelta(days=1), 0))


def needs_another_notice(facts: Facts, *, ends_at: datetime) -> bool:
    """Whether codes end so much later than the person was told that another letter has to tell the new day."""
    if facts.noticed_at is None or facts.notice_until is None or ends_at <= facts.notice_until + HANDOVER:
        return False
    # What support has put off for longer than that is known to the person, and needs no letter.
    return all(at is None or at < ends_at for at in (facts.rests_until, facts.extended_until))
