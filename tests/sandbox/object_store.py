"""The object store: data sets to GET and submissions to PUT, by presigned URL only.

An object's address is `/<bucket>/<key>`. The key of a data set is `<datestamp>/<file>`; every
datestamp that was signed serves the file as it is in the folder now.
"""

import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from sandbox.byte_range import parse_range
from sandbox.messages import FileSlice, Request, Response
from sandbox.presigned import SIGNATURE, Presigner
from sandbox.s3_error import S3Error
from sandbox.submissions import Submissions

DATASETS = "/numerai-datasets/"
SUBMISSIONS = "/numerai-submissions/"


def entity_tag(status: os.stat_result) -> str:
    """A tag that changes with the file; like one of a multipart object it is no MD5 of it."""
    identity = f"{status.st_ino}-{status.st_size}-{status.st_mtime_ns}"
    return f'"{hashlib.md5(identity.encode()).hexdigest()}-2"'


class Datasets:
    """The folder that data sets are served from."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def list(self) -> list[str]:
        """All files, by their path below the folder."""
        files = (p for p in self._folder.rglob("*") if p.is_file())
        return sorted(str(p.relative_to(self._folder)) for p in files)

    def find(self, name: str) -> Path | None:
        """The file of this name; None for what is not there or not below the folder."""
        path = (self._folder / name).resolve()
        inside = path.is_relative_to(self._folder)
        return path if inside and path.is_file() else None


class ObjectStore:
    """Answers requests for objects; may be called from several threads.

    The method is part of the signature, so HEAD on a URL signed for GET is a 403.
    """

    def __init__(self, presigner: Presigner, datasets: Datasets, submissions: Submissions) -> None:
        self._presigner = presigner
        self._datasets = datasets
        self._submissions = submissions

    @staticmethod
    def owns(path: str) -> bool:
        return path.startswith((DATASETS, SUBMISSIONS))

    def dataset_url(self, datestamp: int, name: str) -> str:
        """Path and query of a presigned GET."""
        disposition = f"attachment; filename={Path(name).name}"
        path = f"{DATASETS}{datestamp}/{name}"
        return self._presigner.sign("GET", path, {"response-content-disposition": disposition})

    def upload_url(self, key: str) -> str:
        """Path and query of a presigned PUT."""
        return self._presigner.sign("PUT", SUBMISSIONS + key)

    def handle(self, request: Request) -> Response:
        handlers: dict[str, Callable[[Request], Response]] = {
            "GET": self._get,
            "PUT": self._put,
        }
        try:
            self._authorise(request)
            if request.method not in handlers:
                raise S3Error(405, "MethodNotAllowed", "The specified method is not allowed")
            return handlers[request.method](request)
        except S3Error as error:
            return error.response()

    def _authorise(self, request: Request) -> None:
        query = request.query
        if request.has_authorization and SIGNATURE in query:
            raise S3Error(
                400,
                "InvalidArgument",
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter,"
                " Signature query string parameter or the Authorization header should be"
                " specified",
            )
        self._presigner.verify(request.method, request.path, query)

    def _get(self, request: Request) -> Response:
        path = self._datasets.find(request.path.removeprefix(DATASETS).partition("/")[2])
        if path is None:
            raise S3Error(404, "NoSuchKey", "The specified key does not exist.")
        file = open(path, "rb")
        try:
            return self._file_response(request, FileSlice(file, 0, 0))
        except BaseException:
            file.close()
            raise

    @staticmethod
    def _file_response(request: Request, body: FileSlice) -> Response:
        status = os.fstat(body.file.fileno())
        tag = entity_tag(status)
        modified = format_datetime(datetime.fromtimestamp(int(status.st_mtime), UTC), usegmt=True)
        headers = {
            "Accept-Ranges": "bytes",
            "Content-Type": "binary/octet-stream",
            "ETag": tag,
            "Last-Modified": modified,
            "Content-Disposition": request.query.get("response-content-disposition", "attachment"),
        }
        same_object = request.headers.get("If-Range", tag) in (tag, modified)
        wanted = request.headers.get("Range") if same_object else None
        part = parse_range(wanted, status.st_size)
        if part is None:
            body.length = status.st_size
            return Response(200, headers, body)
        first, last = part
        body.offset, body.length = first, last - first + 1
        headers["Content-Range"] = f"bytes {first}-{last}/{status.st_size}"
        return Response(206, headers, body)

    def _put(self, request: Request) -> Response:
        if request.body.length is None:
            raise S3Error(
                411, "MissingContentLength", "You must provide the Content-Length HTTP header."
            )
        key = request.path.removeprefix(SUBMISSIONS)
        compute_id = request.headers.get("x_compute_id")
        upload = self._submissions.store(key, request.body.chunks(), compute_id)
        return Response(200, {"ETag": f'"{upload.md5}"'})
