"""Resolvers of the schema's root fields; everything below them are plain dictionaries."""

from collections.abc import Callable
from dataclasses import dataclass

from graphql import GraphQLResolveInfo, GraphQLSchema

from sandbox.account import Account, Model
from sandbox.diagnostics import Diagnostics
from sandbox.object_store import Datasets, ObjectStore
from sandbox.refusal import Refusal
from sandbox.rounds import TOURNAMENT, Rounds
from sandbox.submissions import Submissions

type Fields = dict[str, object]


@dataclass(frozen=True)
class Caller:
    """What a resolver may know of the HTTP request."""

    authorization: str | None
    # Scheme and host under which the client reaches the sandbox.
    base_url: str


def _check_tournament(tournament: int | None) -> None:
    if tournament not in (None, TOURNAMENT):
        raise Refusal("invalid tournament")


class Api:
    """The root fields, public ones first, then those that ask for a key and a scope."""

    def __init__(
        self,
        account: Account,
        rounds: Rounds,
        datasets: Datasets,
        store: ObjectStore,
        submissions: Submissions,
        diagnostics: Diagnostics,
    ) -> None:
        self._account = account
        self._rounds = rounds
        self._datasets = datasets
        self._store = store
        self._submissions = submissions
        self._diagnostics = diagnostics

    def bind(self, schema: GraphQLSchema) -> None:
        """Makes this object answer the root fields of a schema."""
        assert schema.query_type and schema.mutation_type
        queries: dict[str, Callable[..., object]] = {
            "rounds": self.rounds,
            "listDatasets": self.list_datasets,
            "dataset": self.dataset,
            "account": self.account,
            "apiTokenInfo": self.api_token_info,
            "model": self.model,
            "submissions": self.submissions,
            "submissionUploadAuth": self.submission_upload_auth,
            "submission_upload_auth": self.submission_upload_auth,
            "diagnostics": self.diagnostics,
            "diagnosticsUploadAuth": self.diagnostics_upload_auth,
            "diagnostics_upload_auth": self.diagnostics_upload_auth,
        }
        for name, field in schema.query_type.fields.items():
            field.resolve = queries[name]
        mutations: dict[str, Callable[..., object]] = {
            "createSubmission": self.create_submission,
            "create_submission": self.create_submission,
            "createDiagnostics": self.create_diagnostics,
            "create_diagnostics": self.create_diagnostics,
        }
        for name, field in schema.mutation_type.fields.items():
            field.resolve = mutations[name]

    def rounds(
        self,
        _root: None,
        _info: GraphQLResolveInfo,
        *,
        tournament: int | None = None,
        number: int | None = None,
        target: str | None = None,
        status: str | None = None,
        limit: int | None = None,
    ) -> list[Fields | None]:
        _check_tournament(tournament)
        found = self._rounds.find(number, status, limit)
        described = [r.as_graphql() if r else None for r in found]
        return [f for f in described if f is None or target in (None, f["target"])]

    def list_datasets(
        self,
        _root: None,
        _info: GraphQLResolveInfo,
        *,
        round: int | None = None,
        tournament: int | None = None,
    ) -> list[str]:
        _check_tournament(tournament)
        return self._datasets.list()

    def dataset(
        self,
        _root: None,
        info: GraphQLResolveInfo,
        *,
        filename: str,
        round: int | None = None,
        tournament: int | None = None,
    ) -> str:
        _check_tournament(tournament)
        datestamp = self._rounds.for_data(round).data_datestamp
        if self._datasets.find(filename) is None:
            raise Refusal(f"Dataset not found: {filename}")
        return f"{info.context.base_url}{self._store.dataset_url(datestamp, filename)}"

    def account(self, _root: None, info: GraphQLResolveInfo) -> Fields:
        self._enter(info, "read_user_info")
        return {
            "id": "sandbox-account",
            "username": self._account.username,
            "email": "sandbox@example.invalid",
            "availableNmr": "0",
            "mfaEnabled": False,
            "status": "VERIFIED",
            "insertedAt": "2020-08-17T00:00:00Z",
            "models": [self._describe(model) for model in self._account.models],
            "apiTokens": [self._token()],
        }

    def api_token_info(self, _root: None, info: GraphQLResolveInfo) -> Fields:
        self._enter(info)
        return self._token()

    def model(self, _root: None, info: GraphQLResolveInfo, *, modelId: str | None = None) -> Fields:
        self._enter(info, "read_user_info")
        return self._describe(self._account.model(modelId))

    def submissions(
        self, _root: None, info: GraphQLResolveInfo, *, modelId: str | None = None
    ) -> list[Fields]:
        self._enter(info, "read_submission_info")
        return self._submissions.of(self._account.model(modelId))

    def submission_upload_auth(
        self,
        _root: None,
        info: GraphQLResolveInfo,
        *,
        filename: str,
        tournament: int,
        modelId: str | None = None,
    ) -> Fields:
        self._enter(info, "upload_submission")
        _check_tournament(tournament)
        self._account.model(modelId)
        self._rounds.current()
        return self._authorise_upload(info, filename)

    def create_submission(
        self,
        _root: None,
        info: GraphQLResolveInfo,
        *,
        filename: str,
        tournament: int,
        modelId: str | None = None,
        triggerId: str | None = None,
        source: str | None = None,
        dataDatestamp: int | None = None,
    ) -> Fields:
        self._enter(info, "upload_submission")
        _check_tournament(tournament)
        submission = self._submissions.create(
            filename,
            self._account.model(modelId),
            self._rounds.current(),
            trigger_id=triggerId,
            source=source,
            data_datestamp=dataDatestamp,
        )
        return submission.as_graphql(selected=True)

    def diagnostics_upload_auth(
        self,
        _root: None,
        info: GraphQLResolveInfo,
        *,
        filename: str,
        tournament: int,
        modelId: str | None = None,
    ) -> Fields:
        self._enter(info, "upload_submission")
        _check_tournament(tournament)
        self._account.model(modelId)
        return self._authorise_upload(info, filename)

    def create_diagnostics(
        self,
        _root: None,
        info: GraphQLResolveInfo,
        *,
        filename: str,
        tournament: int,
        modelId: str | None = None,
    ) -> Fields:
        self._enter(info, "upload_submission")
        _check_tournament(tournament)
        return self._diagnostics.create(filename, self._account.model(modelId))

    def diagnostics(
        self,
        _root: None,
        info: GraphQLResolveInfo,
        *,
        id: str | None = None,
        modelId: str | None = None,
    ) -> list[Fields]:
        self._enter(info, "read_submission_info")
        model = None if modelId is None else self._account.model(modelId)
        return self._diagnostics.list(model, id)

    def _authorise_upload(self, info: GraphQLResolveInfo, filename: str) -> Fields:
        key = self._submissions.authorise(filename)
        url = info.context.base_url + self._store.upload_url(key)
        return {"filename": key, "url": url, "accelerated": False}

    def _enter(self, info: GraphQLResolveInfo, scope: str | None = None) -> None:
        self._account.authenticate(info.context.authorization)
        if scope is not None:
            self._account.require(scope)

    def _token(self) -> Fields:
        return {
            "accountUsername": self._account.username,
            "name": "sandbox",
            "publicId": self._account.public_id,
            "public_id": self._account.public_id,
            "scopes": list(self._account.scopes),
        }

    def _describe(self, model: Model) -> Fields:
        return {
            "id": model.id,
            "name": model.name,
            "username": self._account.username,
            "tournament": TOURNAMENT,
            "computeEnabled": False,
            "archived": False,
            "latestSubmissions": self._submissions.latest(model),
            "submissions": self._submissions.of(model),
        }
