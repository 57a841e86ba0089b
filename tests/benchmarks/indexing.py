"""How fast articles are indexed against the bare embedder, and what it costs to add one to many.

usage: python -m tests.benchmarks.indexing [--passages 600] [--articles 1000] [--runs 3] [--least 0.9]
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from index import chunking, readers
from index.article import Article
from index.builder import Builder
from index.embeddings import MiniLM
from index.library import Library
from index.readers import text as text_reader

EVALS = Path(__file__).parents[3] / "shared" / "evals"
BUNDLED = Path(readers.__file__).parents[1] / "articles" / "iran-pakistan-strikes.txt"


class Counting(MiniLM):
    """Counts what it embeds."""

    texts = 0
    size = 0
    """Bytes of UTF-8."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.texts += len(texts)
        self.size += sum(len(text.encode()) for text in texts)
        return super().embed_documents(texts)


def documents() -> list[Article]:
    """The documents of RAMDocs, of about 100 words each, as articles."""
    lines = (EVALS / "ramdocs" / "RAMDocs_test.jsonl").read_text("utf-8").splitlines()
    texts = dict.fromkeys(document["text"] for line in lines for document in json.loads(line)["documents"])
    return [_article(f"document-{n}", text) for n, text in enumerate(texts)]


def corpora() -> list[Article]:
    """The corpora of chunking_evaluation, which are long."""
    folder = EVALS / "chunking_evaluation" / "corpora"
    return [_article(path.stem, path.read_text("utf-8")) for path in sorted(folder.iterdir())]


def _article(name: str, text: str) -> Article:
    page = text_reader.read(text, name)
    return Article(name, page.metadata, page.text, page.blocks, f"/{name}.txt")


def some(articles: list[Article], passages: int) -> list[Article]:
    """The first articles, cut to about so many passages in all."""
    chosen: list[Article] = []
    for article in articles:
        share = passages // len(articles)
        _, its_passages = chunking.split(article)
        end = its_passages[min(share, len(its_passages)) - 1].end
        chosen.append(_article(article.id, article.text[:end]))
    return chosen


def rate(articles: list[Article], runs: int) -> float:
    """Chunks a second of a whole build over those of the bare embedder, in turn; the median of runs."""
    embedder = MiniLM()
    texts = [chunking.indexed_text(a, p) for a in articles for p in chunking.split(a)[1]]
    shares = []
    for _ in range(runs):
        began = time.perf_counter()
        embedder.embed_documents(texts)
        bare = time.perf_counter() - began
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            Builder(Library(Path(folder) / "library"), embedder).add(articles, _silent)
            whole = time.perf_counter() - began
        shares.append(bare / whole)
        print(f"{len(texts)} chunks: {len(texts) / whole:.1f}/s, bare embedder {len(texts) / bare:.1f}/s")
    return statistics.median(shares)


def one_more(articles: list[Article]) -> None:
    """Add one article to many, and say what it took."""
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder) / "library")
        embedder = Counting()
        began = time.perf_counter()
        Builder(library, embedder).add(articles, _silent)
        print(
            f"{len(articles):,} articles: {time.perf_counter() - began:.1f} s, {embedder.texts:,} passages, "
            f"{embedder.size:,} bytes embedded"
        )
        bundled = readers.read(BUNDLED)
        for what, passages in (("one more", len(chunking.split(bundled)[1])), ("the same again", 0)):
            embedder.texts = embedder.size = 0
            began = time.perf_counter()
            change = Builder(library, embedder).add([bundled], _silent)
            print(
                f"{what}: {time.perf_counter() - began:.2f} s, {embedder.texts} passages, "
                f"{embedder.size:,} bytes embedded (its text has {len(bundled.text.encode()):,})"
            )
            assert embedder.texts == change.embedded == passages


def _silent(_title: str, _done: int, _total: int) -> None:
    pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=600)
    parser.add_argument("--articles", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--least", type=float, default=0.9, help="of the bare embedder; 0 for small runs")
    options = parser.parse_args()
    if not EVALS.is_dir():
        print(f"{EVALS} is not here: indexing is not measured")
        return
    import chromadb  # noqa: F401  # 2 s, which every program that indexes has paid by then

    share = rate(some(corpora(), options.passages), options.runs)
    print(f"a build makes {share:.0%} of the chunks that the bare embedder makes")
    one_more(documents()[: options.articles])
    if share < options.least:
        raise SystemExit(f"less than {options.least:.0%}")


if __name__ == "__main__":
    main()
