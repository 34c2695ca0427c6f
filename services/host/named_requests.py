"""Does a request that names itself once: it is claimed, done, and its answer kept for whoever asks the same again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.errors import OfframpError
from services.container import Services
from store.host import answered_requests


class NameTaken(OfframpError):
    """Another request has the same `Idempotency-Key`."""


class UnderWay(OfframpError):
    """The same request is under way at this moment."""


@dataclass(frozen=True, kw_only=True)
class NamedRequest:
    """Whose request it is, and digests of its name and of what it says.

    `began_at` tells it from one that has taken it over since, because it took too long.
    """

    key_id: str
    name_digest: str
    fingerprint: str
    began_at: datetime


@dataclass(frozen=True, kw_only=True)
class KeptAnswer:
    """What a request was answered; `headers` are those besides the media type."""

    status: int
    media_type: str
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


def begin(services: Services, named: NamedRequest) -> KeptAnswer | None:
    """Claim a request; returns the answer that it had before, or None if it is to be done.

    Raises NameTaken if another request had this name, and UnderWay if the same one is being done.
    """
    with services.database.transaction() as session:
        before = answered_requests.begin(
            session,
            key_id=named.key_id,
            name_digest=named.name_digest,
            fingerprint=named.fingerprint,
            now=named.began_at,
        )
        if before is None:
            return None
        if before.fingerprint != named.fingerprint:
            raise NameTaken("another request has this Idempotency-Key")
        if before.status is None or before.media_type is None or before.sealed_body is None:
            raise UnderWay("the same request is under way")
        body = services.seal.open(before.sealed_body)
        headers = before.headers or {}
        return KeptAnswer(status=before.status, media_type=before.media_type, body=body, headers=headers)


def answer(services: Services, named: NamedRequest, given: KeptAnswer) -> None:
    """Keep the answer, sealed."""
    with services.database.transaction() as session:
        answered_requests.answer(
            session,
            key_id=named.key_id,
            name_digest=named.name_digest,
            began_at=named.began_at,
            status=given.status,
            media_type=given.media_type,
            headers=given.headers,
            sealed_body=services.seal.close(given.body),
        )


def forget(services: Services, named: NamedRequest) -> None:
    """Let the request be tried again, because it changed nothing."""
    with services.database.transaction() as session:
        answered_requests.forget(
            session, key_id=named.key_id, name_digest=named.name_digest, began_at=named.began_at
        )
