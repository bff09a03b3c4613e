"""How the fake Slack refuses: the Web API's error codes, and what a person sees on the page."""

from typing import Any

Json = dict[str, Any]


class Refusal(Exception):
    """A Web API call that is answered with `{"ok": false, "error": code, ...}`."""

    def __init__(self, code: str, messages: list[str] | None = None, **fields: Any) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages or []
        self.fields = fields

    def body(self) -> Json:
        body: Json = {"ok": False, "error": self.code, **self.fields}
        if self.messages:
            body["errors"] = self.messages
            body["response_metadata"] = {"messages": [f"[ERROR] {message}" for message in self.messages]}
        return body


class PageError(Exception):
    """Something a person tried that Slack refuses, with the sentence Slack shows."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message

    def body(self) -> Json:
        return {"ok": False, "error": self.code, "message": self.message}
