"""Every error as RFC 9457 problem details (`application/problem+json`)."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.schemas import Problem
from snapmode.errors import ConfigError, RejectedError, TransientError

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 5
"""Seconds after which a client may try again when an engine is away."""
MOST_ERRORS = 10
"""Fields a problem names: a vector of the wrong type has as many errors as values."""
log = logging.getLogger(__name__)


def problem(
    request: Request,
    status: int,
    detail: str,
    kind: str | None = None,
    headers: dict[str, str] | None = None,
    **more: Any,
) -> JSONResponse:
    """A problem document; `kind` names a type of ours, without it the status says it all."""
    body = {
        "type": f"urn:snapmode:problem:{kind}" if kind else "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        **more,
    }
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of the app with a problem document."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(RejectedError, _rejected)
    app.add_exception_handler(TransientError, _unavailable)
    # After the start: an engine that was away is back, and does not fit the settings.
    app.add_exception_handler(ConfigError, _unavailable)
    app.add_exception_handler(Exception, _bug)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These statuses, for a route's `responses`."""
    content = {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in statuses
    }


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers) if error.headers else None
    return problem(request, error.status_code, error.detail, headers=headers)


def _validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [_field(item["loc"], item["msg"]) for item in error.errors()[:MOST_ERRORS]]
    detail = "; ".join(f"{item['field']}: {item['detail']}" for item in errors)
    return problem(request, 422, detail, "invalid-request", errors=errors)


def _field(where: Sequence[str | int], message: str) -> dict[str, str]:
    # The input itself is left out: it may be a picture or hold what no one else should read.
    steps = [str(step) for step in where if step not in ("body", "query", "path")]
    return {"field": ".".join(steps) or "body", "detail": message.removeprefix("Value error, ")}


def _rejected(request: Request, error: Exception) -> JSONResponse:
    return problem(request, 422, str(error), "rejected")


def _unavailable(request: Request, error: Exception) -> JSONResponse:
    log.warning("%s %s: %s", request.method, request.url.path, error)
    detail = "An engine is away for a moment. Please try again."
    return problem(request, 503, detail, "unavailable", {"Retry-After": str(RETRY_AFTER)})


def _bug(request: Request, _error: Exception) -> JSONResponse:
    # Starlette raises the error again after this answer, so the server logs its traceback.
    return problem(request, 500, "Something went wrong on our side.", "bug")
