"""The one wire format: JSON with a version and a type, in UTF-8.

{"v": 1, "type": "product", "body": {…}}
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from snapmode.errors import RejectedError
from snapmode.items import Product, Removal

VERSION = 1
Message = Product | Removal


class _Envelope(BaseModel):
    model_config = ConfigDict(extra="forbid")
    v: int
    type: Literal["product", "removal"]
    body: dict[str, object]


_CLASSES: dict[str, type[Product] | type[Removal]] = {"product": Product, "removal": Removal}


def encode(message: Message) -> bytes:
    """A product or a removal as bytes."""
    kind = "product" if isinstance(message, Product) else "removal"
    return f'{{"v":{VERSION},"type":"{kind}","body":{message.model_dump_json()}}}'.encode()


def decode(value: bytes) -> Message:
    """The message; `RejectedError` says what is wrong with it."""
    try:
        envelope = _Envelope.model_validate_json(value)
    except ValidationError as error:
        raise RejectedError(f"not a SnapMode message: {first_problem(error)}") from error
    if envelope.v != VERSION:
        raise RejectedError(f"message of wire version {envelope.v}; this code reads {VERSION}")
    try:
        return _CLASSES[envelope.type].model_validate(envelope.body)
    except ValidationError as error:
        raise RejectedError(f"bad {envelope.type}: {first_problem(error)}") from error


def first_problem(error: ValidationError) -> str:
    """The first failure of a pydantic validation as `field.path: what is wrong`."""
    problem = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(step) for step in problem["loc"])
    return f"{where}: {problem['msg']}" if where else problem["msg"]


def exported(product: Product) -> dict[str, object]:
    """A product as `snapmode export` prints it: the fields of `Product`, times in ISO 8601 UTC."""
    return product.model_dump(mode="json", exclude={"version", "provenance"})
