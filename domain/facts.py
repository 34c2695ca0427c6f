"""The snapshot of what is true of one account, as its journey sees it. It holds no personal data."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class SmsState(StrEnum):
    """How far text-message codes are switched off."""

    ON = "on"
    NOTICE = "notice"
    SUSPENDED = "suspended"
    REMOVED = "removed"


class HostChange(StrEnum):
    """What the host is asked to do with an account's text-message codes in its own system."""

    SUSPEND = "suspend"
    RESTORE = "restore"
    REMOVE = "remove"


class Method(StrEnum):
    """How a person showed who they are."""

    SMS = "sms"
    SMS_AFTER_END = "sms_after_end"
    """A text-message code after the end date: it opens the set-up, and nothing else."""
    PASSKEY = "passkey"
    RECOVERY_CODE = "recovery_code"
    AUTHENTICATOR_APP = "authenticator_app"
    DEVICE_LINK = "device_link"
    RESCUE = "rescue"
    RECOVERY = "recovery"
    HOST = "host"
    """The host has said who it is, by a signed statement."""

    @property
    def is_by_text(self) -> bool:
        """Whether the person typed a code from a text message, before the end date or after it."""
        return self in (Method.SMS, Method.SMS_AFTER_END)

    @property
    def only_enrols(self) -> bool:
        """Whether a session by this method can make a passkey, and no more."""
        return self in (Method.SMS_AFTER_END, Method.DEVICE_LINK, Method.RESCUE, Method.RECOVERY)


class Channel(StrEnum):
    """A way a message can reach a person."""

    EMAIL = "email"
    SMS = "sms"


class Milestone(StrEnum):
    """What a journey waits for, in the order in which it asks for it."""

    EMAIL_VERIFIED = "email_verified"
    PASSKEY_ENROLLED = "passkey_enrolled"
    PASSKEY_PROVEN = "passkey_proven"
    SECOND_ROUTE_READY = "second_route_ready"


@dataclass(frozen=True, kw_only=True)
class Nudged:
    """How often a person was invited to one milestone, and when last.

    `missed` counts the invitations that never arrived and are sent again; `last_at` is None if all were missed.
    """

    milestone: Milestone
    times: int
    last_at: datetime | None
    missed: int = 0

    @property
    def arrived(self) -> int:
        """How many invitations count."""
        return self.times - self.missed


@dataclass(frozen=True, kw_only=True, order=True)
class Edition:
    """Which of an account's snapshots one is: those of a later epoch come after all those of an earlier one."""

    epoch: int = 0
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is true of an account at one version; every instant is aware, every count starts at zero.

    `epoch` is the database's, of an account that has a journey: after a restored backup, versions count from an earlier
    one again, and the database is right all the same.

    `channels` are the channels that reach the person, without those by which they want no reminders. `noticed_at` is
    when the notice of the end of SMS went out; `notice_missed` says that it came by no channel. Until `rests_until` the
    person is left alone; `extended_until` moves the ends of patience, notice and probation. `sim_asked_at` is when
    Offramp looked up the SIM, whatever came of that; `sim_checked_at` is the last look-up that said something.

    `evidence_from` is when the youngest piece of the evidence for the end of SMS is established, at the earliest. With
    `unconfirmed`, a notice of it is still on its way, or somebody has to confirm it (then `evidence_from` is None).
    `sms_alone`: the evidence goes back to SMS, and nobody but the SIM's holder could be told of it. `phone_shared`:
    other accounts have the phone number too, so that a code leads to nobody; `phone_missing`: there is none.
    `phone_since` is when the number took the place of the one that was imported. `texts_stopped`: its owner has
    answered STOP, so that no code reaches them until they answer START. `deleted_at` is when the host has deleted the
    account: its journey is over. Since `deactivated_at` the host says that it is not active: its journey stands still.

    What a person was told is a fact, too, whatever the policy has become since: nothing is suspended before
    `notice_until`, nor removed before `removal_not_before`, and the evidence cools off until `cools_off_until`.

    `host_asked` is what the host was asked and has not answered, or has confirmed at `host_confirmed_at` and the
    journey has not done yet: first at `host_asked_since`, last at `host_asked_at`, `host_asked_times` times (0: support
    wants it asked again). `host_refused` is what it refused last, with a code as the reason. `host_reopened`: codes are
    suspended here, and the host says that they are on.

    `authenticator_apps` are those that work and have shown a code; on `app_days` days the one that did so most often
    has signed in, or was set up. `lacks_device`: the person has said that they have no device for a passkey. While no
    passkey of theirs has signed in, `passkey_bound_at`, `passkey_rooted_in_sms_at` and `sms_alone` tell of the app.

    `told_end_at` is the end date that the person was told last, at `told_end_since`;
    `exempt_until` is until when support has exempted them.

    A field's default means "has not happened". A default may never change: recorded histories rely on it.
    """

    version: int = 0
    time_zone: str | None = None
    channels: tuple[Channel, ...] = ()
    progress_at: datetime | None = None
    exposed_at: datetime | None = None
    snoozed_until: datetime | None = None
    nudges: tuple[Nudged, ...] = ()
    stuck_since: datetime | None = None
    email_verified_at: datetime | None = None
    passkeys: int = 0
    synced_passkeys: int = 0
    proven_passkeys: int = 0
    passkey_days: int = 0
    passkey_bound_at: datetime | None = None
    passkey_rooted_in_sms_at: datetime | None = None
    sim_checked_at: datetime | None = None
    sim_changed_at: datetime | None = None
    recovery_codes_left: int = 0
    recovery_codes_proven: bool = False
    sms: SmsState = SmsState.ON
    sms_since: datetime | None = None
    restored_at: datetime | None = None
    held_since: datetime | None = None
    policy_changes: int = 0
    capped_until: datetime | None = None
    noticed_at: datetime | None = None
    notice_missed: bool = False
    disputed_since: datetime | None = None
    rests_until: datetime | None = None
    extended_until: datetime | None = None
    rescued_at: datetime | None = None
    evidence_from: datetime | None = None
    unconfirmed: bool = False
    sms_alone: bool = False
    phone_shared: bool = False
    phone_missing: bool = False
    sim_asked_at: datetime | None = None
    phone_since: datetime | None = None
    texts_stopped: bool = False
    notice_until: datetime | None = None
    removal_not_before: datetime | None = None
    cools_off_until: datetime | None = None
    deleted_at: datetime | None = None
    host_asked: HostChange | None = None
    host_asked_since: datetime | None = None
    host_asked_at: datetime | None = None
    host_asked_times: int = 0
    host_confirmed_at: datetime | None = None
    host_refused: HostChange | None = None
    host_refused_at: datetime | None = None
    host_refused_reason: str | None = None
    host_reopened: bool = False
    deactivated_at: datetime | None = None
    epoch: int = 0
    authenticator_apps: int = 0
    app_days: int = 0
    lacks_device: bool = False
    told_end_at: datetime | None = None
    told_end_since: datetime | None = None
    exempt_until: datetime | None = None

    @property
    def edition(self) -> Edition:
        """Which snapshot this is."""
        return Edition(epoch=self.epoch, version=self.version)

    @property
    def untold(self) -> "Facts":
        """The facts without what the person was told by earlier policies."""
        return replace(self, notice_until=None, removal_not_before=None, cools_off_until=None)

    def supersedes(self, other: "Facts") -> bool:
        """Whether this snapshot is newer: signals may come twice, late or in the wrong order."""
        return self.edition > other.edition

    def nudged(self, milestone: Milestone) -> Nudged | None:
        """The invitations to a milestone so far; None if there were none."""
        return next((nudge for nudge in self.nudges if nudge.milestone is milestone), None)

    @property
    def last_nudged_at(self) -> datetime | None:
        """When the person was last nudged, about any milestone."""
        return max((nudge.last_at for nudge in self.nudges if nudge.last_at), default=None)
