"""Which embedding model made an index; kept apart from the models, which take 0.3 s to import."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What must agree between the model that built an index and the model that queries it."""

    name: str
    dimension: int
    sha256: str | None
    """Of the weights, where they are a file here; None for a model behind an endpoint."""
