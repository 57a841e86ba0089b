"""The one service behind every face: ask, search, show. Faces parse, call and render."""

import secrets
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial

from bot.answer import Answer, CheckReport, Citation, Question, Statement
from bot.chain import compose
from bot.evidence import cite, gather
from bot.model import ChatModel, Turn
from bot.recency import Recency
from bot.record import Record, Recorded
from bot.rewrite import rewrite
from bot.settings import Settings, WriterChoice
from bot.since import Since, as_cited, since
from bot.stages import Checking, Condenser, Retriever, Writing
from bot.verify import verify
from bot.writers import Writer
from bot.writers.extractive import ExtractiveWriter
from index.article import Article
from index.catalog import EVERYTHING, Filter
from index.embeddings import Embedder, MiniLM
from index.errors import ModelUnavailable, StateUnavailable
from index.generation import Generation
from index.library import Library, require
from index.retriever import Hit, HybridRetriever


def utc_now() -> datetime:
    return datetime.now(UTC)


def random_id() -> str:
    """Eight hexadecimal digits: short enough to type, and one in four billion."""
    return secrets.token_hex(4)


@dataclass(frozen=True, slots=True)
class Context:
    """A quotation inside its paragraph; the three parts joined are a slice of the article as cited."""

    before: str
    quote: str
    after: str
    since: Since


class Desk:
    def __init__(
        self,
        settings: Settings,
        library: Library,
        embedder: Embedder,
        encoder: MiniLM,
        record: Record,
        *,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.perf_counter,
        new_id: Callable[[], str] = random_id,
    ) -> None:
        self._settings = settings
        self._library = library
        self._embedder = embedder
        self._encoder = encoder
        self._record = record
        self._now = now
        self._clock = clock
        self._new_id = new_id
        self._extractive = ExtractiveWriter(encoder)
        self._model = ChatModel(settings) if settings.has_model else None
        self._turns: set[Turn] = set()

    def ask(
        self, question: Question, choice: WriterChoice = WriterChoice.AUTO
    ) -> Generator[Statement | Answer]:
        """Yield each statement as soon as it is checked, then the whole Answer, which is recorded.

        Raises IndexUnavailable, EmbeddingMismatch, ModelUnavailable (a model was asked for and none
        is configured), StateUnavailable (after the Answer, which could not be kept).
        """
        asked_at = self._now()
        generation = self._generation()
        turn = self._model.turn() if self._model else None
        writer, fallback = self._writers(choice, turn)
        condense = Condenser(self._rewriter(writer, turn), self._clock)
        recency = self._recency()
        retrieve = Retriever(generation, self._embedder, self._settings.passages, recency, self._clock)
        write = Writing(writer, fallback)
        check = Checking(generation, self._encoder, self._new_id, self._clock)
        chain = compose(condense.run, retrieve.run, write.run, check.run)
        # Held by a name: a LangChain stream that is left early reads its source to the end when it is
        # let go of, so the model has to be let go of first.
        events = chain.stream(question)
        if turn:
            self._turns.add(turn)
        try:
            for event in events:
                if isinstance(event, Statement):
                    yield event
                    continue
                # Kept first, so that the id that is shown can be asked about; shown all the same.
                failure = None
                try:
                    self._record.keep(event.answer, event.trace, asked_at, question.asker)
                except StateUnavailable as error:
                    failure = error
                yield event.answer
                if failure:
                    raise failure
        finally:
            if turn:
                turn.close()
                self._turns.discard(turn)

    def abandon(self) -> None:
        """Let go of the model in every answer that is under way, from any thread.

        Such an answer ends at once, as it does where the model fails.
        """
        for turn in list(self._turns):
            turn.close()

    def answer(self, question: Question, choice: WriterChoice = WriterChoice.AUTO) -> Answer:
        """Ask and wait for the whole Answer. Raises what `ask` raises."""
        *_, answer = self.ask(question, choice)
        assert isinstance(answer, Answer)
        return answer

    def search(self, query: str, top: int = 5, allowed: Filter = EVERYTHING) -> list[Hit]:
        """The passages nearest to a query, best first."""
        return self._search(self._generation(), query, top, allowed)

    def check(self, statement: str, allowed: Filter = EVERYTHING) -> CheckReport:
        """What the articles say of a statement: support it, contradict it, or not mention it."""
        generation = self._generation()
        hits = self._search(generation, statement, self._settings.passages, allowed)
        evidence = gather(Question(statement, allowed=allowed), statement, hits, generation, self._recency())
        report = verify(statement, evidence, self._encoder)
        return CheckReport(
            verdict=report.verdict,
            score=round(report.score, 3),
            citations=tuple(cite(n, o.sentence, evidence) for n, o in enumerate(report.cited, 1)),
            failures=tuple(map(str, report.outcome.failures)),
        )

    def context(self, citation: Citation) -> Context:
        """The paragraph that a citation stands in, in the revision that it cites.

        Raises SourceChanged where the article was removed or the revision is not kept any more.
        """
        catalog = self._generation().catalog
        article = as_cited(citation, catalog)
        block = next(b for b in article.blocks if b.start <= citation.start < b.end)
        end = max(block.end, citation.end)
        return Context(
            before=article.text[block.start : citation.start],
            quote=article.text[citation.start : citation.end],
            after=article.text[citation.end : end],
            since=since(citation, catalog),
        )

    def articles(self) -> list[Article]:
        return self._generation().catalog.articles()

    def article(self, article_id: str) -> Article:
        """Raises UnknownArticle."""
        return self._generation().catalog.article(article_id)

    def titles(self) -> dict[str, str]:
        """The titles of the articles by id; where there are thousands, much quicker than they are."""
        return self._generation().catalog.titles()

    def filter(
        self,
        articles: tuple[str, ...] | None = None,
        since: date | None = None,
        until: date | None = None,
    ) -> Filter:
        """A filter on articles that exist. Raises UnknownArticle."""
        for article_id in articles or ():
            self._generation().catalog.article(article_id)
        return Filter(articles, since, until)

    def why(self, answer_id: str) -> Recorded:
        """The whole story of an answer. Raises UnknownAnswer."""
        return self._record.find(answer_id)

    def since(self, citations: Iterable[Citation]) -> list[Since]:
        """What became of each source since it was cited."""
        catalog = self._generation().catalog
        return [since(citation, catalog) for citation in citations]

    def close(self) -> None:
        """Let go of the index. No answer may be under way."""
        self._library.close()

    def _generation(self) -> Generation:
        generation = self._library.current()
        require(generation, self._embedder.fingerprint)
        return generation

    def _recency(self) -> Recency:
        return Recency(self._now().date(), self._settings.old_after)

    def _search(self, generation: Generation, query: str, top: int, allowed: Filter) -> list[Hit]:
        retriever = HybridRetriever(generation=generation, embedder=self._embedder, top=top, allowed=allowed)
        return retriever.search(query)

    def _rewriter(self, writer: Writer, turn: Turn | None) -> Callable[[Question], str] | None:
        """How a follow-up is made standalone: by the model where it also writes the answer."""
        if turn is None or writer is self._extractive:
            return None
        return partial(rewrite, turn)

    def _writers(self, choice: WriterChoice, turn: Turn | None) -> tuple[Writer, Writer | None]:
        """The writer that was chosen, and the one to fall back on."""
        if choice is WriterChoice.AUTO:
            choice = self._settings.writer
        if choice is WriterChoice.AUTO:
            choice = WriterChoice.LLM if turn else WriterChoice.EXTRACTIVE
        if choice is WriterChoice.EXTRACTIVE:
            return self._extractive, None
        if turn is None:
            raise ModelUnavailable(
                "No model is configured; set OPENAI_API_KEY or OPENAI_BASE_URL, or use --writer extractive."
            )
        # langchain's JSON reader is wanted by this writer alone.
        from bot.writers.llm import LlmWriter

        fallback = self._extractive if self._settings.fallback else None
        return LlmWriter(turn, self._settings.model), fallback
