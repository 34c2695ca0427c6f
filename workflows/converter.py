"""Temporal's Pydantic data converter: without defaults, and without the contacts that errors repeat."""

from typing import Any

from pydantic import TypeAdapter
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultFailureConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
    PayloadConverter,
)

from domain.masking import without_contacts


class TerseJSONPayloadConverter(PydanticJSONPlainPayloadConverter):
    """JSON without defaults. A journey that waited for weeks replays its whole history, which therefore stays short.

    The plain Pydantic converter can read it. A default may therefore never change its meaning.
    """

    def __init__(self) -> None:
        super().__init__()
        self._adapters: dict[type[Any], TypeAdapter[Any]] = {}

    def to_payload(self, value: Any) -> Payload | None:
        """JSON of any value that Pydantic knows."""
        kind = type(value)
        if kind not in self._adapters:
            self._adapters[kind] = TypeAdapter(kind)
        text = self._adapters[kind].dump_json(value, exclude_defaults=True)
        return Payload(metadata={"encoding": self.encoding.encode()}, data=text)


class TersePayloadConverter(CompositePayloadConverter):
    """Temporal's payload converters, with TerseJSONPayloadConverter for JSON."""

    def __init__(self) -> None:
        terse = TerseJSONPayloadConverter()
        defaults = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(
            *(
                terse if isinstance(converter, JSONPlainPayloadConverter) else converter
                for converter in defaults
            )
        )


class DiscreetFailureConverter(DefaultFailureConverter):
    """Failures without the contacts that the texts of other libraries' errors repeat: histories are kept for months."""

    def to_failure(
        self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure
    ) -> None:
        """Write down an error and its causes."""
        super().to_failure(exception, payload_converter, failure)
        _hide_contacts(failure)


def _hide_contacts(failure: Failure) -> None:
    failure.message = without_contacts(failure.message)
    failure.stack_trace = without_contacts(failure.stack_trace)
    if failure.HasField("cause"):
        _hide_contacts(failure.cause)


data_converter = DataConverter(
    payload_converter_class=TersePayloadConverter, failure_converter_class=DiscreetFailureConverter
)
"""Every client and every worker of Offramp uses this converter."""
