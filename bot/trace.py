"""How an answer came about, kept beside it so that `ibid why` can tell the whole story later."""

from pydantic import BaseModel, ConfigDict


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)


class Candidate(_Kept):
    """A passage that retrieval offered, with its scores."""

    article: str
    start: int
    end: int
    text: str
    score: float
    lexical: float
    dense: float


class Considered(_Kept):
    """A sentence of those passages. `number` is how the writer cites it."""

    number: int
    article: str
    start: int
    end: int
    text: str
    score: float | None = None
    """Extractive: the estimated probability that this sentence answers."""


class Checked(_Kept):
    """A draft that the writer gave, and what the checks made of it."""

    text: str
    cited: tuple[int, ...]
    dropped: int
    score: float
    failures: tuple[str, ...]
    shown: bool


class Trace(_Kept):
    candidates: tuple[Candidate, ...] = ()
    considered: tuple[Considered, ...] = ()
    decision: str = ""
    """Why the writer answered or declined, in words."""
    checked: tuple[Checked, ...] = ()
