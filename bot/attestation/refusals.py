"""Why an attestation is not taken: one class a reason, each a problem document (RFC 9457)."""

from typing import Any, ClassVar, Final

PROBLEMS: Final = "https://slipway.dev/problems/"


class Refused(Exception):
    """An attestation that is not taken: HTTP `status`, `title` for the kind, and the reason as text."""

    status: ClassVar[int]
    kind: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, reason: str, errors: tuple[dict[str, str], ...] = ()) -> None:
        super().__init__(reason)
        self.errors = errors

    def problem(self) -> dict[str, Any]:
        """A problem document (RFC 9457); `errors` point into what was sent."""
        told = {"type": PROBLEMS + self.kind, "title": self.title, "status": self.status, "detail": str(self)}
        return told | ({"errors": list(self.errors)} if self.errors else {})


class TooLarge(Refused):
    status, kind, title = 413, "too-large", "The attestation is too large"


class Malformed(Refused):
    status, kind, title = 400, "malformed", "The attestation cannot be read"


class BadSignature(Refused):
    status, kind, title = 403, "bad-signature", "The signature does not match"


class WrongNamespace(Refused):
    status, kind, title = 403, "wrong-namespace", "The signature was made for something else"


class UnknownKey(Refused):
    status, kind, title = 403, "unknown-key", "The signing key is nobody's"


class UnknownService(Refused):
    status, kind, title = 422, "unknown-service", "The service is not known"


class UnknownChange(Refused):
    status, kind, title = 422, "unknown-change", "The change request is not known"


class Replayed(Refused):
    status, kind, title = 409, "replayed", "The attestation was received before"


class TooOld(Refused):
    status, kind, title = 422, "too-old", "The attestation is too old"


class FromTheFuture(Refused):
    status, kind, title = 422, "from-the-future", "The attestation is from the future"


class CannotVerify(Refused):
    status, kind, title = 503, "cannot-verify", "Signatures cannot be verified now"
