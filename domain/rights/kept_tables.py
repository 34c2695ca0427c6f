"""Every table of the database: what it keeps about a person, why and for how long, or why it keeps nothing.

`docs/privacy.md` tells the same, and tests hold both against the schema, so that a new table cannot be forgotten.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.rights.retention import Retention, Term

_WITH_ACCOUNT = "until the account is deleted or erased"
_FOR_EVER = "for ever, without what names the person once the account is deleted or erased"


@dataclass(frozen=True, kw_only=True)
class KeptTable:
    """One table with rows about a person. `secrets` are columns that are never written out: that there is one, is said.

    `sessions` are columns that name a session, and `members` those that name a member of staff: both are written out
    as words, because a session's id is made from its token, and colleagues are not who asks.
    """

    name: str
    what: str
    why: str
    how_long: str
    secrets: frozenset[str] = field(default=frozenset())
    sessions: frozenset[str] = field(default=frozenset())
    members: frozenset[str] = field(default=frozenset())

    def kept_for(self, retention: Retention) -> str:
        """How long, with the days that the settings come to in the place of their names."""
        words = self.how_long
        for term in Term:
            days = retention.term(term).days
            words = words.replace(
                f"OFFRAMP_KEEP_{term.upper()}_DAYS", f"{days} day{'' if days == 1 else 's'}"
            )
        return words


def _kept(name: str, what: str, why: str, how_long: str, **columns: str) -> KeptTable:
    split = {kind: frozenset(names.split()) for kind, names in columns.items()}
    return KeptTable(name=name, what=what, why=why, how_long=how_long, **split)


PERSONAL = (
    _kept(
        "account",
        "who the account is: contacts, language, country, time zone, what the service told of it, and how far it is",
        "to tell the person, and to know what comes next",
        _WITH_ACCOUNT,
    ),
    _kept(
        "contact",
        "every address and number that the account has had, who brought it, and until when",
        "notices go to former contacts, too, and an objection can bring one back",
        _WITH_ACCOUNT,
        sessions="bound_in ended_in",
    ),
    _kept(
        "contact_fault",
        "which contact does not work, or wants no reminders, and since when",
        "nothing is sent where it does not arrive, or is not wanted",
        "until the contact works again, and as long as the account has it",
    ),
    _kept(
        "passkey",
        "every passkey: its public key, name, kind of device, and when it was made and used",
        "to sign in by it; a record of every authenticator that was ever bound (NIST SP 800-63B-4, 4.1)",
        "for ever, without name and key once the account is deleted or erased",
        sessions="bound_in removed_in",
    ),
    _kept(
        "passkey_day",
        "the days on which a passkey has signed in",
        "a passkey has to work on several days before text-message codes go",
        "for ever, as the passkey's record",
    ),
    _kept(
        "recovery_code",
        "when recovery codes were made, used and ended; the codes themselves as keyed digests",
        "to sign in by them; the same record of authenticators",
        "for ever, without the digests once the account is deleted or erased",
        secrets="digest ending",
        sessions="bound_in voided_in",
    ),
    _kept(
        "authenticator_app",
        "when an authenticator app was set up, used and removed; the secret that it shares with us lies sealed",
        "to sign in by the codes that it shows; the same record of authenticators",
        "for ever, without the secret once the account is deleted or erased, and 44 days after it was removed",
        secrets="sealed",
        sessions="bound_in removed_in",
    ),
    _kept(
        "session",
        "when and how somebody signed in, on what kind of device, and until when that lasts",
        "to stay signed in, and to know what a session has changed",
        "OFFRAMP_KEEP_SESSIONS_DAYS after its end, and 44 days after it has changed something; longer while a dispute, "
        "a hold or a change that waits needs it",
        sessions="session_id parent_id",
    ),
    _kept(
        "challenge",
        "that a ceremony with a passkey was begun",
        "an answer counts for one ceremony only",
        "one day after it has expired",
        secrets="challenge",
        sessions="session_id",
    ),
    _kept(
        "one_time_code",
        "that a code was sent, to which address, and until when it works; the code itself as a keyed digest",
        "to check the code that comes back",
        "one day after it has expired",
        secrets="digest subject",
        sessions="session_id",
    ),
    _kept(
        "link",
        "that a link was made, to which address, and until when it works; its token as a digest",
        "to check the link that is opened",
        "one day after it has expired",
        secrets="link_id",
        sessions="made_in",
    ),
    _kept(
        "known_browser",
        "since when a browser is known, by the digest of its token, and until when",
        "strangers' wrong codes do not shut the owner out there",
        "one day after 180 days without a sign-in",
        secrets="browser_id",
        sessions="session_id",
    ),
    _kept(
        "failed_ceremony",
        "the last passkey ceremony that a browser gave up, and the kind of device",
        "support can say why a passkey did not work",
        _WITH_ACCOUNT,
    ),
    _kept(
        "attempt",
        "prompts, passkey ceremonies and sign-ins: how each ended, how long it took, and on which browser and system, "
        "by family and major version",
        "a browser or a system that breaks passkeys is found, and only its users are spared the prompt",
        "OFFRAMP_KEEP_ATTEMPTS_DAYS, and without its owner once the account is deleted or erased",
    ),
    _kept(
        "waiting_change",
        "changes that were asked for and wait, and what became of them",
        "a change by a weaker session waits, so that the owner can stop it",
        "for ever, without addresses once the account is deleted or erased",
        sessions="session_id",
    ),
    _kept(
        "door_note",
        "what happened at the sign-in page just now, until it is written up",
        "the time of an answer must not tell who has an account",
        "seconds",
        secrets="sealed detail",
    ),
    _kept(
        "message",
        "which messages went out, when, where to, and whether they arrived",
        "nothing is said twice, and a notice can be objected to",
        "for ever as a record; address, number and words go OFFRAMP_KEEP_RECIPIENTS_DAYS after its end, codes and "
        "links as soon as it is handed over",
        secrets="sealed short_code",
        sessions="by_session",
    ),
    _kept(
        "journal",
        "all that has happened to the account",
        "the audit trail, and what journeys and hosts are told",
        _FOR_EVER,
    ),
    _kept(
        "journey",
        "since when the account is on its way to passkeys, by which policy, and how that ended",
        "one way for each account, by one set of rules",
        _FOR_EVER,
    ),
    _kept(
        "journey_trouble",
        "that the engine of journeys has failed about the account, and by which error",
        "somebody can mend it",
        "until it is mended",
    ),
    _kept(
        "member",
        "which cohorts the account is in, in which place, and when it was launched",
        "cohorts are compared with people who were left alone",
        _FOR_EVER,
    ),
    _kept(
        "check_up",
        "when the person was last invited to look through their ways in, when they last did, and when the next time is",
        "people are asked now and then, and not more often",
        _WITH_ACCOUNT,
    ),
    _kept(
        "off_proof",
        "on what evidence text-message codes were switched off",
        "codes never go without proof",
        "for ever; it holds times, counts and ids",
    ),
    _kept(
        "objection",
        "what the owner said was not them, and how that was settled",
        "to stop what hangs together with it",
        "for ever, without what staff have written once the account is deleted or erased",
        sessions="session_id",
        members="settled_by",
    ),
    _kept(
        "staff_request",
        "what one member of staff asked of another about the account, and why",
        "what is grave takes two members",
        "for ever, without reason and evidence once the account is deleted or erased; the reason of the erasure stays",
        members="asked_by asked_in asked_with decided_by",
    ),
    _kept(
        "exemption",
        "exemptions from the move to passkeys: on which basis, by whom, with which evidence, from when until when",
        "nobody is left alone without a ground, or for ever",
        _WITH_ACCOUNT,
        members="asked_by approved_by ended_by",
    ),
    _kept(
        "rescue",
        "rescue passes: when they were approved, shown and used; the code as a keyed digest",
        "a way in for whoever has none",
        _FOR_EVER,
        secrets="digest",
    ),
    _kept(
        "recovery",
        "requests to get back in: when they began, opened and ended, and how many wrong things were shown",
        "the person gets back in by themselves, and whoever is not them can stop it",
        _FOR_EVER,
        sessions="session_id",
        secrets="reference",
    ),
    _kept(
        "recovery_proof",
        "which kinds of things were shown to get back in, and when",
        "two of them that go back to different roots are needed",
        _FOR_EVER,
    ),
    _kept(
        "recovery_browser",
        "browsers in which a request to get back in can be seen, as digests of tokens",
        "the person sees how far their request is",
        _WITH_ACCOUNT,
        secrets="browser_id",
    ),
    _kept(
        "audit",
        "which members of staff looked at the account or acted on it, when and why",
        "staff answer for what they do",
        "for ever; from where a member came goes after OFFRAMP_KEEP_AUDIT_ADDRESSES_DAYS, and reasons once the account "
        "is deleted or erased, but for that of the erasure",
        members="by staff_id came_from role",
    ),
    _kept(
        "heard_account",
        "what the service's own system told last: sign-ins there by how, devices, risk",
        "who is on what way, and who is at risk",
        _WITH_ACCOUNT,
    ),
    _kept(
        "host_event",
        "which events of the service's own system were about the account; not what they said",
        "an event counts once, however often it is told",
        "31 days; it is about nobody once the account is deleted or erased",
    ),
    _kept(
        "host_route_event",
        "events about ways in that live in the service's own system",
        "they are the evidence for those ways in",
        _WITH_ACCOUNT,
    ),
    _kept(
        "host_word",
        "what the service's own system was asked about text-message codes, and what it said",
        "codes end there, too, or not at all",
        _FOR_EVER,
    ),
    _kept(
        "sms_request",
        "each request about text-message codes to the service's own system",
        "its answer is matched to the request",
        _FOR_EVER,
    ),
    _kept(
        "sign_on",
        "visits that came from the service's own pages, and how they went back there",
        "to lead people back, signed in",
        "one day after it has expired",
        secrets="sealed_hint code_digest token_digest nonce state code_challenge",
    ),
    _kept(
        "webhook_delivery",
        "which entries of the journal the service's own programs were told of",
        "each is told until it is taken",
        "30 days after its end; a dead one until staff have looked, without the service's id of a deleted or erased "
        "account after 30 days",
    ),
)
"""The tables with rows about a person, in the order in which they are written out."""

_STAFF = "about members of staff; it is no account's"
_HOST = "about the service's own systems"
_COUNTS = "counts, without anybody's id"

IMPERSONAL: Mapping[str, str] = {
    "callback_count": _COUNTS,
    "cohort": "descriptions of cohorts",
    "cohort_journal": "what was done with a cohort, by staff",
    "end_request": "who of staff asked for a nearer end date of a cohort, and who decided",
    "cohort_tally": _COUNTS,
    "held_slice": "slices of cohorts' people, by country, platform, browser or provider, without anybody's id",
    "epoch": "when the database was restored",
    "erased_tally": "how many erased people a figure goes on counting, without anybody's id or time",
    "evidence_key": "which keys have signed packs of evidence; their private halves lie sealed",
    "first_answer": "the last answer to a one-time secret, sealed, by a browser's digest, for a minute",
    "guess_count": "wrong codes, by keyed digests from which no account can be found; 90 days after the last one",
    "heartbeat": "which processes live",
    "host_client": _HOST,
    "host_comparison": _COUNTS,
    "host_event_count": _COUNTS,
    "host_key": _HOST,
    "host_list_run": _HOST,
    "host_request": "answers to named requests of the service, sealed, by digests, for a day or two",
    "journal_day": "digests of the journal's days, from which nothing can be read; an erasure changes none",
    "outage": "which provider is in trouble",
    "policy": "rules",
    "prompt_answer": "which prompts were answered, by random names",
    "proxy_sighting": "what headers proxies send, without addresses",
    "raised_guard": "when the guard was raised against an attack, by whom of staff, and why",
    "secret_key": "which secret key was the newest when, by ids that give no key away",
    "signing_key": _HOST,
    "small_write": "that the database takes writes",
    "spent_statement": "digests of statements of the service, until they expire",
    "staff": _STAFF,
    "staff_challenge": _STAFF,
    "staff_invitation": _STAFF,
    "staff_key": _STAFF,
    "staff_passkey": _STAFF,
    "staff_session": _STAFF,
    "switch": "what can be stopped, without anybody's id",
    "switch_stop": "what staff have stopped, for whom by country, device or provider, and why, without an account's id",
    "text_count": _COUNTS,
    "throttle": "how often something was tried, by digests from which no address can be found, for a day or two",
    "transmitter": _HOST,
    "webhook_subscription": _HOST,
}
"""The tables that hold nothing about a person, and why."""

ELSEWHERE = (
    "Temporal's histories of the account's journey hold ids, facts (counts, flags, times) and rules: no address, "
    "number, name or code.",
    "Logs name the account by its id here, and hold no address, number or code.",
    "Providers of e-mail and text messages keep what they have carried by their own rules.",
    "Backups of the database hold what it held when they were made.",
    "Packs of evidence that auditors were given hold masked contacts, times, ids and decisions.",
)
"""What is kept in other places than the database."""
