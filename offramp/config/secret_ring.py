"""The ring of secret keys, newest first: which keys are given, and what is wrong with them, without showing one."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from domain.safety.peppers import PepperRing, pepper_of
from domain.safety.secret_keys import key_id
from offramp.config.settings import Mode, NotConfigured, Settings, key_problems


@dataclass(frozen=True, kw_only=True)
class SecretRing:
    """Every key from which secrets are derived, newest first. It shows none of them.

    Those `for_codes` have leaked: they find codes, and open nothing.
    """

    keys: tuple[str, ...] = field(repr=False)
    for_codes: tuple[str, ...] = field(default=(), repr=False)

    @property
    def ids(self) -> tuple[str, ...]:
        """What the keys are called; those for codes come last."""
        return tuple(map(key_id, (*self.keys, *self.for_codes)))

    @property
    def peppers(self) -> PepperRing:
        """What codes are hashed with."""
        return PepperRing(peppers=tuple(map(pepper_of, (*self.keys, *self.for_codes), self.ids)))


def own_file(settings: Settings) -> Path | None:
    """The file where development keeps keys of its own; None where the settings give the keys."""
    return None if settings.given_keys or settings.mode is Mode.PRODUCTION else settings.home / "secret"


def read_ring(settings: Settings) -> SecretRing:
    """The keys that are given. Development makes one once, if none is. Raises NotConfigured."""
    own = own_file(settings)
    if own is None:
        return _checked(settings.given_keys, settings.secret_keys_for_codes)
    if not own.exists():
        _write_once(own, new_key())
    return _checked(_lines(own), settings.secret_keys_for_codes)


def has_ring(settings: Settings) -> bool:
    """Whether there is a ring already: reading it would make nothing."""
    own = own_file(settings)
    return own.exists() if own else bool(settings.given_keys)


def new_key() -> str:
    """A new secret key: 64 letters of 384 random bits."""
    return secrets.token_urlsafe(48)


def put_in_front(own: Path, key: str) -> SecretRing:
    """Make a key the newest one of development's own file. Processes that run go on with the former ring."""
    ring = _checked([key, *_lines(own)])
    draft = _draft(own, "\n".join(ring.keys))
    draft.replace(own)
    return ring


def write_new(path: Path, text: str) -> None:
    """Write a file for its owner alone, which was not there before. Raises OSError."""
    _fill(path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), text)


def _lines(own: Path) -> list[str]:
    return [line.strip() for line in own.read_text().splitlines() if line.strip()]


def _checked(keys: Sequence[str], for_codes: Sequence[str] = ()) -> SecretRing:
    if problems := key_problems(keys, for_codes, is_needed=True):
        raise NotConfigured("\n".join(problems))
    return SecretRing(keys=tuple(keys), for_codes=tuple(for_codes))


def _write_once(path: Path, text: str) -> None:
    """Write a private file as a whole or not at all. If several processes write at once, the first file stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = _draft(path, text)
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _draft(path: Path, text: str) -> Path:
    """A private file with this text beside another one. It is on the disk: without the key, what it closed is void."""
    descriptor, draft = tempfile.mkstemp(
        dir=path.parent, prefix=f"{path.name}."
    )  # mkstemp lets only the owner read the file
    _fill(Path(draft), descriptor, text)
    return Path(draft)


def _fill(path: Path, descriptor: int, text: str) -> None:
    """Bring a text to the disk by the open descriptor of a new file, which goes again if that fails. Raises OSError."""
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink()
        raise
