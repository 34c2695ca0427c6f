"""Gives the first answer again when a browser sends the same one-time secret once more, because that answer got lost.

Only to the same browser, for a minute, and as long as the session of the answer is open. Any other secret of the kind
from that browser ends it, so it helps nobody to guess.
"""

import json
from dataclasses import asdict, dataclass
from datetime import timedelta

import structlog

from domain.codes import is_any
from domain.safety.peppers import KeyedDigest
from services.container import Services
from services.people.admission import Admission, Destination
from services.people.visits import Visit
from store import Session
from store.people import first_answers, sessions
from store.people.first_answers import FirstAnswer, SecretKind

log = structlog.get_logger()

GIVEN_AGAIN_FOR = timedelta(minutes=1)
"""How long after the first answer the same secret gets it again."""


@dataclass(frozen=True, kw_only=True)
class SentSecret:
    """A one-time secret, as a browser sent it: its keyed digests. Without a `browser_id` nothing is given again."""

    kind: SecretKind
    browser_id: str | None
    digests: tuple[KeyedDigest, ...]


def sent(services: Services, kind: SecretKind, browser_id: str | None, secret: str) -> SentSecret:
    """What was sent, to be compared with what is sent later."""
    digests = services.peppers.digests(context=f"sent:{kind}:{browser_id}", code=secret)
    return SentSecret(kind=kind, browser_id=browser_id, digests=digests)


def keep(session: Session, services: Services, secret: SentSecret, answer: str = "") -> None:
    """Keep the answer to a right secret, in the transaction that uses the secret up."""
    if secret.browser_id is None:
        return
    kept = FirstAnswer(
        browser_id=secret.browser_id,
        kind=secret.kind,
        digest=secret.digests[0].digest,
        key_id=secret.digests[0].key_id,
        sealed=services.seal.close(answer),
        expires_at=services.clock() + GIVEN_AGAIN_FOR,
    )
    first_answers.keep(session, kept)


def keep_admission(session: Session, services: Services, secret: SentSecret, admission: Admission) -> None:
    """Keep an admission as the answer."""
    keep(session, services, secret, json.dumps(asdict(admission)))


def find(session: Session, services: Services, secret: SentSecret) -> str | None:
    """The answer to this secret of the last minute. Another secret in its place ends the minute."""
    if secret.browser_id is None:
        return None
    kept = first_answers.find(session, secret.browser_id, secret.kind, now=services.clock())
    if kept is None:
        return None
    if not is_any(kept.digest, [keyed.digest for keyed in secret.digests]):
        first_answers.forget(session, secret.browser_id, secret.kind)
        return None
    log.info("answer_given_again", kind=secret.kind)
    return services.seal.open(kept.sealed)


def find_admission(
    session: Session, services: Services, visit: Visit, secret: SentSecret
) -> Admission | None:
    """The admission of the last minute by this secret, if its session is still open."""
    answer = find(session, services, secret)
    if answer is None:
        return None
    kept = json.loads(answer)
    first = Admission(**kept | {"destination": Destination(kept["destination"])})
    return first if _is_open(session, services, visit, first) else None


def is_kept(session: Session, services: Services, kind: SecretKind, browser_id: str | None) -> bool:
    """Whether the browser may send a secret of this kind again, because it had an answer in the last minute."""
    return browser_id is not None and bool(
        first_answers.find(session, browser_id, kind, now=services.clock())
    )


def recall(services: Services, secret: SentSecret) -> str | None:
    """The same as `find`, for a service that has not begun its transaction."""
    with services.database.transaction() as session:
        return find(session, services, secret)


def recall_admission(services: Services, visit: Visit, secret: SentSecret) -> Admission | None:
    """The same as `find_admission`, for a service that has not begun its transaction."""
    with services.database.transaction() as session:
        return find_admission(session, services, visit, secret)


def _is_open(session: Session, services: Services, visit: Visit, first: Admission) -> bool:
    """Whether the session is neither over nor in the way of another one that the browser has begun since."""
    now = services.clock()
    current = sessions.find(session, visit.token, now=now) if visit.token else None
    is_elsewhere = current is not None and current.account_id and visit.token != first.token
    return not is_elsewhere and sessions.find(session, first.token, now=now) is not None
