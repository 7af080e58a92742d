"""Errors as a client sees them. Every transport encodes through here, so that nothing of the inside leaves unmasked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from graphql import GraphQLError

from api.mistakes import MISTAKES

CODES = frozenset(
    {
        "BAD_COMPARISON",
        "BAD_CURSOR",
        "BAD_ID",
        "BAD_PAGE",
        "BAD_RECORD",
        "BAD_REF",
        "BAD_REQUEST",
        "BAD_USER_INPUT",
        "BATCHING_NOT_SUPPORTED",
        "BODY_TIMEOUT",
        "BODY_TOO_LARGE",
        "CURSOR_EXPIRED",
        "DATABASE_UNAVAILABLE",
        "DOCUMENT_NOT_TRUSTED",
        "DOCUMENT_TOO_LARGE",
        "FORBIDDEN",
        "GRAPHQL_PARSE_FAILED",
        "GRAPHQL_VALIDATION_FAILED",
        "INTERNAL_SERVER_ERROR",
        "LENS_NOT_APPLICABLE",
        "METHOD_NOT_ALLOWED",
        "NOT_ACCEPTABLE",
        "NOT_FOUND",
        "OPERATION_RESOLUTION_FAILURE",
        "OPERATION_TOO_COSTLY",
        "ORIGIN_NOT_ALLOWED",
        "OVERLOADED",
        "PERSISTED_QUERY_NOT_FOUND",
        "RATE_LIMITED",
        "RATE_LIMIT_UNAVAILABLE",
        "RECORD_TOO_LARGE",
        "RECORD_TOO_NEW",
        "STOPPING",
        "TAMPERED_RECORD",
        "TIMEOUT",
        "TOO_FAR_BEHIND",
        "TOO_MANY_OPERATIONS",
        "TOO_MANY_STREAMS",
        "UNAUTHENTICATED",
        "UNKNOWN_BENCHMARK",
        "UNKNOWN_LICENSE",
        "UNKNOWN_DOCUMENT",
        "UNKNOWN_LAB",
        "UNKNOWN_MODEL",
        "UNKNOWN_OVERRIDE",
        "UNKNOWN_PROVIDER",
        "UNKNOWN_ROUTE",
        "UNKNOWN_RULE",
        "UNKNOWN_SOURCE",
        "UNSUPPORTED_MEDIA_TYPE",
    }
)
"""Every code of an error, so that counting them by code stays bounded."""


class Refused(Exception):
    """What is not answered at all: HTTP status, code, what to do, and headers that say it to machines."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, dict(headers or {})

    @property
    def shown(self) -> dict[str, Any]:
        """As an error of a GraphQL response."""
        return {"message": str(self), "extensions": {"code": self.code}}

    @property
    def body(self) -> bytes:
        """A whole response, as JSON."""
        return orjson.dumps({"errors": [self.shown]})


def busy(code: str, message: str, after: int = 1) -> Refused:
    """A refusal that time heals: 503, with the seconds after which to ask again."""
    return Refused(503, code, message, {"retry-after": str(after)})


STOPPING = busy("STOPPING", "This server is about to stop; ask again.")
"""Of a request that was not answered before a server ended."""


def shown(error: GraphQLError) -> dict[str, Any]:
    """An error of an answer. What we did not raise on purpose is masked, with an id that the log has too."""
    if error.original_error is None or isinstance(error.original_error, GraphQLError):
        told: dict[str, Any] = dict(error.formatted)
        default = "GRAPHQL_VALIDATION_FAILED" if error.path is None else "BAD_USER_INPUT"
        return told | {"extensions": {"code": default} | (error.extensions or {})}
    return masked("INTERNAL_SERVER_ERROR", error.original_error) | {"path": error.path}


def masked(code: str, error: BaseException) -> dict[str, Any]:
    """What was not raised on purpose, told with an id that the log has too."""
    number = MISTAKES.noted(code, error)
    message = f"Something went wrong here; quote {number} to report it."
    return {"message": message, "extensions": {"code": code, "id": number}}


def internal_error(error: BaseException) -> bytes:
    """The whole answer where what was not raised on purpose left nothing else to say."""
    return orjson.dumps({"errors": [masked("INTERNAL_SERVER_ERROR", error)]})


def internal(errors: Iterable[Mapping[str, Any]]) -> bool:
    """Whether one of the shown errors is ours and not the caller's."""
    return any(error["extensions"]["code"] == "INTERNAL_SERVER_ERROR" for error in errors)
