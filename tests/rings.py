"""Rings of secret keys, newest first, and what services make of them."""

from dataclasses import replace

from offramp.config.secret_ring import SecretRing
from providers.sealing import FernetSeal
from services.container import Services

OLD = "the former secret key of these tests that is long enough"
NEW = "the newest secret key of these tests that is long enough"
STRANGE = "a secret key that nobody here has any more"


def with_ring(services: Services, *keys: str) -> Services:
    """The same services in processes that have these keys."""
    return replace(services, peppers=SecretRing(keys=keys).peppers, seal=FernetSeal(*keys))
