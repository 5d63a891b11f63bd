"""The one exception of the API's own rules."""


class Refusal(Exception):
    """A request that Numerai would refuse; the text is the message of the GraphQL error."""
