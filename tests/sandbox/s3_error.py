"""Errors of the object store, with the XML body that S3 sends."""

from xml.sax.saxutils import escape

from sandbox.messages import Response


class S3Error(Exception):
    """A refusal by the object store."""

    def __init__(
        self, status: int, code: str, message: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}

    def response(self) -> Response:
        xml = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{self.code}</Code><Message>{escape(str(self))}</Message></Error>"
        )
        return Response(
            self.status, {"Content-Type": "application/xml", **self.headers}, xml.encode()
        )
