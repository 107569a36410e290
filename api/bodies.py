"""Request bodies that are JSON or a form: read in the event loop, checked in a worker thread."""

import json
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api.schemas import EmbedRequest, SearchRequest

FORM_FIELDS = 20
TEXT_BYTES = 100_000
"""Largest text field of a form."""

Received = bytes | dict[str, Any]
"""The JSON text, or the fields of a form with its `image` as bytes."""
Model = TypeVar("Model", bound=BaseModel)


async def received(request: Request) -> Received:
    """The body as it came, read whole: `api.limits` has bounded it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return await _whole(request)
    if kind == "multipart/form-data":
        return await _form(request)
    raise HTTPException(415, "send multipart/form-data or application/json")


async def _whole(request: Request) -> bytes:
    try:
        return await request.body()
    except ClientDisconnect as error:
        raise HTTPException(400, "the body ended early") from error


async def _form(request: Request) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    async with request.form(max_files=1, max_fields=FORM_FIELDS, max_part_size=TEXT_BYTES) as form:
        for name, value in form.multi_items():
            fields[name] = await value.read() if isinstance(value, UploadFile) else value
    return fields


def _checker(model: type[Model]) -> Callable[[Received], Model]:
    def check(body: Annotated[Received, Depends(received)]) -> Model:
        try:
            if isinstance(body, bytes):
                return model.model_validate_json(body)
            return model.model_validate(_from_form(body))
        except ValidationError as error:
            raise RequestValidationError(error.errors(include_input=False)) from error

    return check


def _from_form(fields: dict[str, Any]) -> dict[str, Any]:
    image = fields.get("image")
    if not isinstance(image, bytes):
        # Without this a text field named image would be taken for base64.
        raise RequestValidationError([{"loc": ("image",), "msg": "a form needs a file here"}])
    box = fields.get("box")
    return {**fields, "box": _numbers(box)} if box else {**fields, "box": None}


def _numbers(text: str) -> object:
    try:
        return json.loads(text if text.lstrip().startswith("[") else f"[{text}]")
    except ValueError:
        return text


SearchBody = Annotated[SearchRequest, Depends(_checker(SearchRequest))]
EmbedBody = Annotated[EmbedRequest, Depends(_checker(EmbedRequest))]


def documented(model: type[BaseModel]) -> dict[str, Any]:
    """Both forms of the body, for a route's `openapi_extra`."""
    as_json = model.model_json_schema()
    fields = as_json["properties"]
    as_form = {name: fields[name] for name in fields if name in ("limit", "offset")} | {
        "image": {"type": "string", "format": "binary"},
        "box": {"type": "string", "examples": ["[0.2, 0.1, 0.8, 0.9]"]},
    }
    if "filter" in fields:
        as_form["filter"] = {"type": "string", "examples": ['{"brand": "Acme"}']}
    form = {"type": "object", "required": ["image"], "properties": as_form}
    content = {"application/json": {"schema": as_json}, "multipart/form-data": {"schema": form}}
    return {"requestBody": {"required": True, "content": content}}
