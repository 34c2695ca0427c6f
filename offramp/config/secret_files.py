"""Secrets from files: `OFFRAMP_…_FILE` names the file that holds the value of a secret setting."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource


class UnusableSecretFile(Exception):
    """A secret's file cannot be read, is empty, or is not the only place of the secret. No message holds a secret."""


class SecretFiles(PydanticBaseSettingsSource):
    """The source of settings that reads `OFFRAMP_…_FILE`, of every setting that is not shown (`repr=False`)."""

    SUFFIX: ClassVar[str] = "_FILE"

    def __init__(self, settings: type[BaseSettings], given: Mapping[str, str | None]) -> None:
        """`given` are the variables of the environment and of `.env`, by their names in any case."""
        super().__init__(settings)
        self._given = {name.upper(): value for name, value in given.items() if value}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The content of a secret's file, if there is one. Raises UnusableSecretFile."""
        variable = f"{self.config.get('env_prefix', '')}{field_name}".upper()
        file = self._given.get(variable + self.SUFFIX) if not field.repr else None
        if file is None:
            return None, field_name, False
        if variable in self._given:
            raise UnusableSecretFile(
                f"{variable} and {variable}{self.SUFFIX} are both given: take one of the two out"
            )
        return _content(Path(file), variable + self.SUFFIX), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Every secret that has a file."""
        values = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in values.items() if value is not None}


def secret_variables(settings: type[BaseSettings]) -> list[str]:
    """The variables that may name a file instead: `OFFRAMP_…_FILE` of every secret setting."""
    prefix = settings.model_config.get("env_prefix", "")
    return [
        f"{prefix}{name}{SecretFiles.SUFFIX}".upper()
        for name, field in settings.model_fields.items()
        if not field.repr
    ]


def _content(file: Path, variable: str) -> str:
    try:
        content = file.read_text().rstrip("\r\n")
    except OSError as error:
        raise UnusableSecretFile(f"{variable}: {file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnusableSecretFile(f"{variable}: {file} is no text") from None
    if not content:
        raise UnusableSecretFile(f"{variable}: {file} is empty")
    return content
