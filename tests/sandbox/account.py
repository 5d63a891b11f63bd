"""The account of the sandbox: one key pair, its scopes, and the models."""

import hmac
import uuid
from dataclasses import dataclass, field

from sandbox.refusal import Refusal

SCOPES = (
    "upload_submission",
    "read_submission_info",
    "read_user_info",
    "download_submission",
    "stake",
)
INVALID_SESSION = "Your session is invalid or has expired."


@dataclass(frozen=True)
class Model:
    """A model of the account: its name and its id, a UUID."""

    name: str
    id: str

    @classmethod
    def parse(cls, text: str) -> "Model":
        """Reads `NAME` or `NAME=UUID`; without a UUID one is derived from the name."""
        name, _, given = text.partition("=")
        return cls(name, str(uuid.UUID(given) if given else uuid.uuid5(uuid.NAMESPACE_DNS, name)))


@dataclass(frozen=True)
class Account:
    """Who may call, and for which models."""

    public_id: str = "SANDBOXPUBLICID"
    secret_key: str = field(default="SANDBOXSECRETKEY", repr=False)
    scopes: tuple[str, ...] = SCOPES
    models: tuple[Model, ...] = ()
    username: str = "sandbox"

    def authenticate(self, authorization: str | None) -> None:
        """Checks `Token PUBLIC_ID$SECRET_KEY`; refuses anything else, and its absence."""
        expected = f"Token {self.public_id}${self.secret_key}"
        if not hmac.compare_digest((authorization or "").encode(), expected.encode()):
            raise Refusal(INVALID_SESSION)

    def require(self, scope: str) -> None:
        """Refuses when the key lacks the scope."""
        if scope not in self.scopes:
            raise Refusal(f"Insufficient permission for {scope}")

    def model(self, model_id: str | None) -> Model:
        """The model with this id; without an id the only model of the account.

        An account with several models is refused as users report it: as a bad session.
        """
        if model_id is None:
            if len(self.models) == 1:
                return self.models[0]
            raise Refusal(INVALID_SESSION)
        for model in self.models:
            if model.id == model_id:
                return model
        raise Refusal("Model not found")
