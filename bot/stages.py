"""The four stages of the chain, with what each needs."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

from bot import condense as rule
from bot.answer import (
    Answer,
    Citation,
    Index,
    Question,
    Reason,
    Statement,
    Status,
    Support,
    Timings,
)
from bot.answer import Writer as Signature
from bot.chain import Condensed, Event, Failed, Finished, Retrieved, Signed, Written
from bot.check import FULL_SCORE, check
from bot.evidence import Evidence, Offered, cite, gather
from bot.recency import Recency
from bot.trace import Candidate, Checked, Considered, Trace
from bot.writers import Decision, Draft, Writer
from index.embeddings import Embedder, MiniLM, as_vector
from index.errors import ModelUnavailable
from index.generation import Generation
from index.retriever import Hit, HybridRetriever

NEAREST = 3
"""Passages shown under a decline."""

Clock = Callable[[], float]
"""Seconds from some fixed moment."""


class Condenser:
    """Makes a follow-up standalone: with the model where there is one, else by rule."""

    def __init__(self, rewrite: Callable[[Question], str] | None, clock: Clock) -> None:
        self._rewrite = rewrite
        self._clock = clock

    def run(self, question: Question) -> Condensed:
        began = self._clock()
        text = rule.standalone(question.text, question.history)
        if self._rewrite and question.history:
            # Where the model fails the rule's question stands, and the writer reports the failure.
            with suppress(ModelUnavailable):
                text = self._rewrite(question)
        return Condensed(question, text, _milliseconds(self._clock() - began))


class Retriever:
    def __init__(
        self, generation: Generation, embedder: Embedder, top: int, recency: Recency, clock: Clock
    ) -> None:
        self._generation = generation
        self._recency = recency
        self._embedder = embedder
        self._top = top
        self._clock = clock

    def run(self, condensed: Condensed) -> Retrieved:
        began = self._clock()
        retriever = HybridRetriever(
            generation=self._generation,
            embedder=self._embedder,
            top=self._top,
            allowed=condensed.question.allowed,
        )
        hits = cast(list[Hit], retriever.invoke(condensed.standalone))
        evidence = gather(condensed.question, condensed.standalone, hits, self._generation, self._recency)
        return Retrieved(evidence, condensed, _milliseconds(self._clock() - began))


class Writing:
    """Lets the writer write, and the one behind it where the first cannot be had."""

    def __init__(self, writer: Writer, fallback: Writer | None) -> None:
        self._writer = writer
        self._fallback = fallback

    def run(self, stream: Iterator[Retrieved]) -> Iterator[Written]:
        for retrieved in stream:
            yield retrieved
            yield Signed(self._writer.signature)
            if not retrieved.evidence.hits:
                return
            begun = False
            try:
                for written in self._writer.write(retrieved.evidence):
                    yield written
                    begun = True
            except ModelUnavailable as error:
                # What was checked stays; it is not mixed with another writer's words.
                second = None if begun else self._fallback
                signature = (second or self._writer).signature
                yield Signed(signature.model_copy(update={"fallback": str(error)}))
                if second:
                    yield from second.write(retrieved.evidence)
                elif not begun:
                    yield Failed(str(error))


@dataclass(slots=True)
class _Draftbook:
    """What has been checked so far of one answer."""

    statements: list[Statement] = field(default_factory=list)
    citations: dict[tuple[str, int], Citation] = field(default_factory=dict)
    checked: list[Checked] = field(default_factory=list)
    dropped: int = 0

    @property
    def withheld(self) -> int:
        return sum(not checked.shown for checked in self.checked)


class Checking:
    """Resolves citations, checks support, and puts the Answer together."""

    def __init__(
        self, generation: Generation, encoder: MiniLM, new_id: Callable[[], str], clock: Clock
    ) -> None:
        self._generation = generation
        self._encoder = encoder
        self._new_id = new_id
        self._clock = clock

    def run(self, stream: Iterator[Written]) -> Iterator[Event]:
        book = _Draftbook()
        decision = Decision(False, "nothing was retrieved")
        failed: Failed | None = None
        checking = 0.0
        signature = Signature(name="none")
        retrieved: Retrieved | None = None
        began = self._clock()
        for written in stream:
            match written:
                case Retrieved():
                    retrieved, began = written, self._clock()
                case Signed():
                    signature = written.writer
                case Failed():
                    failed = written
                case Decision():
                    decision = written
                case Draft():
                    assert retrieved is not None
                    start = self._clock()
                    statement = self._checked(written, retrieved.evidence, book)
                    checking += self._clock() - start
                    if statement:
                        yield statement
        if retrieved is None:
            return
        writing = self._clock() - began - checking
        yield self._finished(retrieved, signature, decision, failed, book, writing, checking)

    def _checked(self, draft: Draft, evidence: Evidence, book: _Draftbook) -> Statement | None:
        """The statement that may be shown, or None; either way it is written down."""
        cited = evidence.resolve(draft.numbers)
        dropped = len(draft.numbers) - len(cited)
        texts = [offered.text for offered in cited]
        others = [offered.text for offered in evidence.offered]
        outcome = check(draft.text, texts, self._cosine(draft.text, texts), others)
        book.dropped += dropped
        book.checked.append(
            Checked(
                text=draft.text,
                cited=tuple(offered.number for offered in cited),
                dropped=dropped,
                score=round(outcome.score, 3),
                failures=tuple(map(str, outcome.failures)),
                shown=outcome.holds,
            )
        )
        if not outcome.holds:
            return None
        statement = Statement(
            text=draft.text,
            citations=tuple(self._footnote(offered, evidence, book) for offered in cited),
            support=Support.SUPPORTED if outcome.score >= FULL_SCORE else Support.PARTIAL,
        )
        book.statements.append(statement)
        return statement

    def _cosine(self, statement: str, texts: list[str]) -> float:
        """How near a statement is to the text it cites; a quotation is its text."""
        joined = " ".join(texts)
        if not joined or joined == statement:
            return 1.0
        first, second = map(as_vector, self._encoder.embed_documents([statement, joined]))
        return float(first @ second)

    def _footnote(self, offered: Offered, evidence: Evidence, book: _Draftbook) -> int:
        """The number of the footnote for a sentence: a new one where it is cited first."""
        sentence = offered.sentence
        key = (sentence.article, sentence.n)
        if key not in book.citations:
            book.citations[key] = cite(len(book.citations) + 1, sentence, evidence)
        return book.citations[key].n

    def _finished(
        self,
        retrieved: Retrieved,
        signature: Signature,
        decision: Decision,
        failed: Failed | None,
        book: _Draftbook,
        writing: float,
        checking: float,
    ) -> Finished:
        evidence = retrieved.evidence
        reason = _reason(evidence, failed, book)
        manifest = self._generation.manifest
        condensed_in, retrieved_in = retrieved.condensed.milliseconds, retrieved.milliseconds
        written_in, checked_in = _milliseconds(writing), _milliseconds(checking)
        answer = Answer(
            id=self._new_id(),
            question=evidence.question.text,
            standalone_question=evidence.standalone,
            status=Status.DECLINED if reason else Status.ANSWERED,
            reason=reason,
            statements=tuple(book.statements),
            citations=tuple(book.citations.values()),
            nearest=_nearest(evidence) if reason else (),
            withheld=book.withheld,
            dropped=book.dropped,
            confidence=_confidence(decision, book),
            writer=signature,
            index=Index(generation=manifest.id, embedding=manifest.embedding.name),
            timings_ms=Timings(
                condense=condensed_in,
                retrieve=retrieved_in,
                write=written_in,
                check=checked_in,
                total=round(condensed_in + retrieved_in + written_in + checked_in, 1),
            ),
        )
        return Finished(answer, _trace(evidence, decision, failed, book))


def _reason(evidence: Evidence, failed: Failed | None, book: _Draftbook) -> Reason | None:
    if book.statements:
        return None
    if not evidence.hits:
        return Reason.NOTHING_RETRIEVED
    if failed:
        return Reason.MODEL_UNAVAILABLE
    return Reason.NOT_SUPPORTED if book.checked else Reason.PASSAGES_DO_NOT_ANSWER


def _nearest(evidence: Evidence) -> tuple[Citation, ...]:
    return tuple(cite(n, hit.passage, evidence) for n, hit in enumerate(evidence.hits[:NEAREST], 1))


def _confidence(decision: Decision, book: _Draftbook) -> float:
    """The writer's own estimate; a model has none that can be trusted, so its statements' support
    stands in: the mean score of all that it wrote, where what was withheld counts as 0.
    """
    if decision.confidence is not None:
        return round(decision.confidence, 3)
    scores = [checked.score if checked.shown else 0.0 for checked in book.checked]
    return round(sum(scores) / len(scores), 3) if scores else 0.0


def _trace(evidence: Evidence, decision: Decision, failed: Failed | None, book: _Draftbook) -> Trace:
    scores = decision.scores or {}
    return Trace(
        candidates=tuple(
            Candidate(
                article=hit.passage.article,
                start=hit.passage.start,
                end=hit.passage.end,
                text=hit.page_content,
                score=round(hit.score, 3),
                lexical=round(hit.lexical, 3),
                dense=round(hit.dense, 3),
            )
            for hit in evidence.hits
        ),
        considered=tuple(
            Considered(
                number=offered.number,
                article=offered.sentence.article,
                start=offered.sentence.start,
                end=offered.sentence.end,
                text=offered.text,
                score=scores.get(offered.number),
            )
            for offered in evidence.offered
        ),
        decision=failed.why if failed else decision.why,
        checked=tuple(book.checked),
    )


def _milliseconds(seconds: float) -> float:
    return round(1000 * seconds, 1)
