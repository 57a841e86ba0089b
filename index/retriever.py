"""Hybrid search: FTS5's BM25 and Chroma's cosine, fused by their normalised scores."""

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from index.article import Passage
from index.catalog import EVERYTHING, Filter
from index.embeddings import Embedder, as_vector
from index.generation import Generation
from index.words import content_words

CANDIDATES = 50
"""Passages that each side proposes; more changed no figure, 10 cost .005 nDCG on SQuAD 2."""
WEIGHT_OF_COSINE = 1.5
"""Against 1 for BM25 over the best BM25. A plateau: 1 to 2 are within .01 Hit@1 of each other."""
SAME = 0.9
"""Share of words in common from which two passages are one and the lesser is left out."""


class Hit(Document):
    """A passage that was found. `page_content` is its text, cut from the article."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    passage: Passage
    score: float
    """Fused, from about 0 to 1; comparable within one search only."""
    lexical: float
    """BM25; 0 where no word of the query stands in the passage."""
    dense: float
    """Cosine of the embeddings of query and passage, -1 to 1."""


class HybridRetriever(BaseRetriever):
    """Finds the passages of one generation that are nearest to a question, best first.

    Fusing normalised scores won over reciprocal ranks on SQuAD 2 (nDCG@10 .924 against .888 for
    ranks) and ClapNQ.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True)

    generation: Generation
    embedder: Embedder
    top: int = 5
    allowed: Filter = EVERYTHING

    def search(self, query: str) -> list[Hit]:
        """The `top` best hits.

        Raises IndexCorrupt, or ModelUnavailable where an embedding endpoint fails.
        """
        if self.allowed.articles == ():
            return []
        catalog, vectors = self.generation.catalog, self.generation.vectors
        matching = self.generation.background.submit(
            catalog.match, match_expression(query), self.allowed, CANDIDATES
        )
        vector = as_vector(self.embedder.embed_query(query))
        dense = vectors.nearest(vector, CANDIDATES, self.allowed)
        lexical = matching.result()
        if missing := [n for n in lexical if n not in dense]:
            stored = vectors.get(missing)
            dense |= {n: float(vector @ stored[n]) for n in missing if n in stored}
        scores = fuse(lexical, dense)
        ranked = sorted(scores, key=lambda n: (-scores[n], n))
        hits: list[Hit] = []
        vocabularies: list[frozenset[str]] = []
        # Texts are read a few at a time: as a rule the first ones are enough, but copies of one text
        # may fill any number of places.
        for start in range(0, len(ranked), 2 * self.top):
            part = ranked[start : start + 2 * self.top]
            found = catalog.passages(part)
            for n in part:
                passage, text = found[n]
                vocabulary = frozenset(text.lower().split())
                if any(_alike(vocabulary, other) for other in vocabularies):
                    continue
                vocabularies.append(vocabulary)
                hits.append(
                    Hit(
                        page_content=text,
                        passage=passage,
                        score=scores[n],
                        lexical=lexical.get(n, 0.0),
                        dense=dense[n],
                    )
                )
                if len(hits) == self.top:
                    return hits
        return hits

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002  # LangChain's signature
    ) -> list[Document]:
        return [*self.search(query)]


def match_expression(query: str) -> str:
    """The FTS5 expression for a query: any of its words, stop words only where there are no others.

    Words are quoted, so that nothing in a query is read as FTS5 syntax.
    """
    return " OR ".join(f'"{word}"' for word in dict.fromkeys(content_words(query)))


def fuse(lexical: dict[int, float], dense: dict[int, float]) -> dict[int, float]:
    """BM25 over the best BM25, plus the weighted cosine, over the sum of the weights."""
    best = max(lexical.values(), default=0.0) or 1.0
    return {
        n: (lexical.get(n, 0.0) / best + WEIGHT_OF_COSINE * cosine) / (1 + WEIGHT_OF_COSINE)
        for n, cosine in dense.items()
    }


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= SAME * len(one | other)
