"""Everything that can go wrong in Ibid and that a person can do something about.

IbidError
├── InputRejected          the question, file, id or line that was given cannot be used
│   ├── UnknownArticle
│   ├── UnknownRevision
│   ├── UnknownAnswer
│   ├── NoPage             a web server answered, but with no page (`index.sources.fetch`)
│   └── SourceChanged      what was cited no longer stands in its article
├── SettingsInvalid        a setting has a value that cannot be used
├── IndexUnavailable       there is no index that can be read
│   ├── IndexMissing
│   ├── IndexCorrupt
│   └── EmbeddingMismatch  the index was built with another embedding model
├── BuilderBusy            another process is building
├── BuildFailed            the disk would not take the new index
├── StateUnavailable       the state database cannot be read or written
├── ModelUnavailable       the language model or embedding service did not answer usefully
└── DiscordUnavailable     Discord cannot be reached, or ended the connection

Each message is one line that says what to do. A face maps the class to its words and exit code.
"""


class IbidError(Exception):
    """Root of every error that Ibid raises on purpose."""

    def __init__(self, message: str) -> None:
        # Paths and the messages of other libraries may hold line breaks.
        super().__init__(" ".join(message.splitlines()))


class InputRejected(IbidError):
    pass


class UnknownArticle(InputRejected):
    def __init__(self, article_id: str) -> None:
        super().__init__(f"No article has the id {article_id!r}. `ibid articles` lists the ids.")


class UnknownRevision(InputRejected):
    def __init__(self, title: str) -> None:
        super().__init__(f"This revision of “{title}” is not kept; `ibid show ID` lists those that are.")


class UnknownAnswer(InputRejected):
    def __init__(self, answer_id: str) -> None:
        super().__init__(f"No answer has the id {answer_id!r}. The id stands under every answer.")


class SourceChanged(InputRejected):
    def __init__(self, title: str) -> None:
        super().__init__(f"“{title}” was changed or removed since it was cited.")


class SettingsInvalid(IbidError):
    pass


class IndexUnavailable(IbidError):
    pass


class IndexMissing(IndexUnavailable):
    pass


class IndexCorrupt(IndexUnavailable):
    pass


class EmbeddingMismatch(IndexUnavailable):
    pass


class BuilderBusy(IbidError):
    pass


class BuildFailed(IbidError):
    pass


class StateUnavailable(IbidError):
    pass


class ModelUnavailable(IbidError):
    pass


class DiscordUnavailable(IbidError):
    pass
