"""Small articles, for tests to which the words do not matter."""

from datetime import date

from index.article import Article, Block, BlockKind, Metadata

GENEVA = "The treaty on fishing rights was signed in Geneva. Nine states joined it at once."
COFFEE = "Coffee prices doubled in Brazil after the frost. Growers expect a poor harvest."
COMETS = "Comets are made of ice and dust. Their tails always point away from the Sun."


def note(name: str, *paragraphs: str, folder: str = "/notes", published: date | None = None) -> Article:
    blocks = []
    position = 0
    for paragraph in paragraphs:
        blocks.append(Block(BlockKind.PARAGRAPH, position, position + len(paragraph)))
        position += len(paragraph) + 2
    return Article(
        id=name,
        metadata=Metadata(title=name.capitalize(), published=published),
        text="\n\n".join(paragraphs),
        blocks=tuple(blocks),
        source=f"{folder}/{name}.txt",
    )


def silent(_title: str, _done: int, _total: int) -> None:
    """A report of progress that nobody reads."""
