"""Checks before anything starts that the ports are free. Says who uses a port, and how to choose another."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

_LAST = 65536


@dataclass(frozen=True, kw_only=True)
class Port:
    """A port that a process will listen on. The value of `setting` is the port's number less `offset`."""

    host: str
    number: int
    purpose: str
    setting: str
    offset: int = 0


def port_problems(ports: Sequence[Port]) -> list[str]:
    """One problem for each port that is not free, with what to do; empty if all ports are free."""
    spoken_for = {port.number for port in ports}
    problems = []
    for port in ports:
        error = _bind_error(port.host, port.number)
        if error is None:
            continue
        spare = _spare(port, spoken_for)
        spoken_for.add(spare)
        problems.append(
            f"port {port.number} ({port.purpose}) cannot be had: {_reason(port, error)}. "
            f"Stop that, or choose another port: {port.setting}={spare - port.offset}"
        )
    return problems


def _bind_error(host: str, number: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError as error:
            return error
    return None


def _spare(port: Port, spoken_for: set[int]) -> int:
    """The next free port; the port itself if there is none."""
    following = (number for number in range(port.number + 1, _LAST) if number not in spoken_for)
    return next((number for number in following if _bind_error(port.host, number) is None), port.number)


def _reason(port: Port, error: OSError) -> str:
    owner = _owner(port.number)
    return f"{owner} listens on it" if owner else (error.strerror or str(error)).lower()


def _owner(number: int) -> str | None:
    """The process that listens on a port; None if the system does not say."""
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == number and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except psutil.Error:
        return None
    return None
