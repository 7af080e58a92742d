"""Documents that a client names instead of sending them: those of operations/, by name or hash, and what clients register by
Apollo's automatic persisted queries.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from api.errors import Refused
from api.operations import Operation

MOST_REGISTERED_BYTES = 4_000_000
ENTRY_BYTES = 400
"""Of a text's hash, and of what holds both."""
_HASH = re.compile(r"[0-9a-f]{64}")


def document_id(text: str) -> str:
    """The id of a text, the same everywhere."""
    return f"sha256:{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


class Documents:
    """`trusted_only` refuses every other text."""

    def __init__(self, trusted: Sequence[Operation], *, trusted_only: bool = False) -> None:
        self._trusted = {each.name: each.query for each in trusted}
        self._trusted |= {document_id(each.query): each.query for each in trusted}
        self._own = frozenset(self._trusted.values())
        self._trusted_only = trusted_only
        self._registered: OrderedDict[str, str] = OrderedDict()
        self._bytes = 0

    def text_of(self, given: Mapping[str, Any]) -> str:
        """The text that a request sends or names. Raises Refused 400."""
        text, named = given.get("query"), given.get("documentId")
        persisted = (given.get("extensions") or {}).get("persistedQuery")
        if text is not None and not isinstance(text, str):
            raise Refused(400, "BAD_REQUEST", "`query` must be the text of a GraphQL document.")
        if named is not None:
            if text is not None:
                raise Refused(400, "BAD_REQUEST", "Send `query` or `documentId`, not both.")
            return self._named(named)
        if persisted is not None:
            return self._persisted(persisted, text)
        if not text:
            raise Refused(
                400, "BAD_REQUEST", "Send the text of a GraphQL document as `query`, or its id as `documentId`."
            )
        return self._allowed(text)

    def trusted(self, text: str) -> bool:
        """Whether a text is one of our own."""
        return text in self._own

    def _allowed(self, text: str) -> str:
        if self._trusted_only and text not in self._own:
            raise Refused(400, "DOCUMENT_NOT_TRUSTED", "Only trusted documents are answered here: send a `documentId`.")
        return text

    def _named(self, named: Any) -> str:
        text = self._trusted.get(named) if isinstance(named, str) else None
        if text is None and isinstance(named, str):
            text = self._registered.get(named.removeprefix("sha256:"))
        if text is None:
            names = ", ".join(sorted(name for name in self._trusted if ":" not in name))
            raise Refused(400, "UNKNOWN_DOCUMENT", f"No document has this id. Known by name: {names}.")
        return text

    def _persisted(self, persisted: Any, text: str | None) -> str:
        wanted = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
        if not isinstance(wanted, str) or _HASH.fullmatch(wanted) is None or persisted.get("version") != 1:
            raise Refused(400, "BAD_REQUEST", "`persistedQuery` needs version 1 and sha256Hash, 64 hexadecimal digits.")
        if text is None:
            found = self._registered.get(wanted) or self._trusted.get(f"sha256:{wanted}")
            if found is None:  # as Apollo's clients know it: they send the text then; 200 by their protocol
                raise Refused(200, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
            return found
        if sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != wanted:
            raise Refused(400, "BAD_REQUEST", "The sha256Hash is not that of the query.")
        return self._allowed(text)

    def register(self, text: str) -> None:
        """Lets others name a text by its hash alone, until newer ones need the room."""
        key = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        if key not in self._registered:
            self._registered[key] = text
            self._bytes += len(text) + ENTRY_BYTES
        self._registered.move_to_end(key)
        while self._bytes > MOST_REGISTERED_BYTES:
            _, dropped = self._registered.popitem(last=False)
            self._bytes -= len(dropped) + ENTRY_BYTES
