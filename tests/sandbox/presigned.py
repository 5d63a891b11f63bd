"""Presigned URLs in the form of AWS Signature Version 4 query parameters.

The signature is an HMAC over the method, the path and all other query parameters. It is not
Amazon's algorithm (a client has no way to check that), but the names, the expiry and the
refusals are those of S3.
"""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

from sandbox.clock import Clock
from sandbox.s3_error import S3Error

ALGORITHM = "AWS4-HMAC-SHA256"
DATE_FORMAT = "%Y%m%dT%H%M%SZ"
SIGNATURE = "X-Amz-Signature"


class Presigner:
    """Signs URLs and checks them; the key lives as long as the object."""

    def __init__(self, clock: Clock, expiry_seconds: int = 600) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self.expiry_seconds = expiry_seconds

    def sign(self, method: str, path: str, extra: dict[str, str] | None = None) -> str:
        """Path and query of a URL that allows `method` on `path` (decoded) until it expires."""
        now = self._clock.now()
        query = {
            **(extra or {}),
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": f"SANDBOX/{now:%Y%m%d}/us-west-2/s3/aws4_request",
            "X-Amz-Date": now.strftime(DATE_FORMAT),
            "X-Amz-Expires": str(self.expiry_seconds),
            "X-Amz-SignedHeaders": "host",
        }
        query[SIGNATURE] = self._signature(method, path, query)
        return f"{quote(path)}?{urlencode(query, quote_via=quote)}"

    def verify(self, method: str, path: str, query: dict[str, str]) -> None:
        """Raises S3Error unless the URL was signed for this method and path and still holds."""
        if SIGNATURE not in query:
            raise S3Error(403, "AccessDenied", "Access Denied")
        if not hmac.compare_digest(self._signature(method, path, query), query[SIGNATURE]):
            raise S3Error(
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided."
                " Check your key and signing method.",
            )
        signed_at = datetime.strptime(query["X-Amz-Date"], DATE_FORMAT).replace(tzinfo=UTC)
        expires = signed_at + timedelta(seconds=int(query["X-Amz-Expires"]))
        if self._clock.now() > expires:
            raise S3Error(403, "AccessDenied", "Request has expired")

    def _signature(self, method: str, path: str, query: dict[str, str]) -> str:
        signed = sorted((k, v) for k, v in query.items() if k != SIGNATURE)
        text = "\n".join((method, path, urlencode(signed)))
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
