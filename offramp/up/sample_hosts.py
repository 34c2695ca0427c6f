"""A sample host beside `offramp up`: a folder with a program, and the settings by which both find each other."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from offramp.config.settings import NotConfigured, Settings
from offramp.up.children import Child
from offramp.up.embedded import listens
from offramp.up.ports import Port

_PORT = "SHOP_PORT"
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class SampleHost:
    """One sample host: the module of its program, and the port of its pages."""

    module: str
    port_number: int

    @property
    def address(self) -> str:
        """Where its people sign in."""
        return f"http://localhost:{self.port_number}/sign-in"

    def port(self) -> Port:
        """The port that has to be free for it."""
        return Port(host=_LOOPBACK, number=self.port_number, purpose="the sample host", setting=_PORT)

    def child(self, settings: Settings) -> Child:
        """Its process, which keeps its own database and what Offramp gave it in Offramp's home."""

        async def is_up() -> bool:
            return await listens(self.port_number)

        return Child(
            name="host",
            command=(sys.executable, "-m", self.module),
            environment={
                "SHOP_HOME": str((settings.home / self.module.replace(".", "-")).absolute()),
                "SHOP_OFFRAMP": settings.origin,
                _PORT: str(self.port_number),
                "PYTHONUNBUFFERED": "1",
            },
            is_up=is_up,
        )


def sample_host(folder: Path) -> SampleHost:
    """The sample host of a folder, and its settings in the environment of this process, where they are not set yet.

    Raises NotConfigured if there is none.
    """
    settings = folder / "settings.env"
    if folder.is_absolute() or not settings.is_file() or not (folder / "__main__.py").is_file():
        raise NotConfigured(f"{folder} is no sample host; name one from here, like examples/hosted")
    for line in settings.read_text().splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            os.environ.setdefault(name, value)
    return SampleHost(module=".".join(folder.parts), port_number=int(os.environ[_PORT]))
