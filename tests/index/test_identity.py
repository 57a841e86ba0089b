"""Which article of a library one that was read is."""

from dataclasses import replace
from datetime import date

from index.article import Article, Place
from index.identity import Comparison, Identity, Merged, compare
from tests.index.notes import COFFEE, COMETS, GENEVA, note

PAGE = "https://courier.example/treaty"


class Shelf:
    """A library as `compare` sees it, which notes what is read whole."""

    def __init__(self, *articles: Article) -> None:
        self._articles = {article.id: article for article in articles}
        self.read: list[str] = []

    def identities(self) -> list[Identity]:
        return [Identity.of(article) for article in self._articles.values()]

    def article(self, article_id: str) -> Article:
        self.read.append(article_id)
        return self._articles[article_id]


def at(article: Article, source: str, url: str | None = None) -> Article:
    return replace(article, source=source, metadata=replace(article.metadata, url=url))


def said(found: Comparison) -> list[list[str]]:
    return [[article.id for article in group] for group in (found.new, found.updated, found.unchanged)]


def test_the_same_source_with_another_text_is_a_new_revision() -> None:
    shelf = Shelf(at(note("treaty", GENEVA), PAGE))
    found = compare([at(note("other-title", COFFEE), PAGE)], shelf)
    assert said(found) == [[], ["treaty"], []]
    assert found.updated[0].text == COFFEE


def test_the_same_text_from_elsewhere_is_one_more_place() -> None:
    shelf = Shelf(note("treaty", GENEVA))
    copy = at(note("copy", GENEVA), PAGE, PAGE)
    found = compare([copy], shelf)
    assert said(found) == [[], ["treaty"], []]
    assert found.updated[0].also == (Place(PAGE, copy.metadata),)
    assert found.merged == (Merged(PAGE, "treaty"),)
    again = compare([copy], Shelf(found.updated[0]))
    assert again.merged == ()
    assert said(again) == [[], [], ["treaty"]]


def test_where_an_article_changes_its_other_places_keep_the_old_text_as_an_article_of_their_own() -> None:
    treaty = note("treaty", GENEVA)
    copy = at(note("copy", GENEVA), PAGE, PAGE)
    both = replace(treaty, also=(Place(PAGE, copy.metadata), Place("/third.txt", note("third").metadata)))
    found = compare([replace(note("treaty", COFFEE), source=treaty.source)], Shelf(both))
    assert said(found) == [["copy"], ["treaty"], []]
    assert found.updated[0].also == ()
    (parted,) = found.new
    assert (parted.text, parted.source, parted.metadata) == (GENEVA, PAGE, copy.metadata)
    assert [place.source for place in parted.also] == ["/third.txt"]
    assert said(compare([copy, note("treaty", GENEVA)], Shelf(parted)))[0] == []


def test_a_place_that_has_another_text_by_now_becomes_an_article() -> None:
    treaty = replace(note("treaty", GENEVA), also=(Place(PAGE, note("copy").metadata),))
    found = compare([at(note("comets", COMETS), PAGE)], Shelf(treaty))
    assert said(found) == [["comets"], ["treaty"], []]
    assert found.updated[0].also == ()


def test_a_tracking_address_is_the_page_that_it_names_as_its_own() -> None:
    shelf = Shelf(at(note("treaty", GENEVA), PAGE, PAGE))
    found = compare([at(note("treaty", GENEVA + " More."), PAGE + "?utm_source=feed", PAGE)], shelf)
    assert said(found) == [[], ["treaty"], []]


def test_one_address_that_a_site_names_for_all_its_pages_makes_them_no_revisions() -> None:
    articles = [at(note("treaty", GENEVA), PAGE + "?1", PAGE), at(note("coffee", COFFEE), PAGE + "?2", PAGE)]
    assert said(compare(articles, None)) == [["treaty", "coffee"], [], []]
    front = "https://courier.example/"
    articles = [
        at(note("treaty", GENEVA), front + "1", front),
        at(note("b", GENEVA + " B."), front + "2", front),
    ]
    assert said(compare(articles, None)) == [["treaty", "b"], [], []]


def test_what_a_person_mended_survives_reading_it_again() -> None:
    day = date(2024, 1, 25)
    before = note("treaty", GENEVA, published=day)
    before = replace(before, mended=("published", "title"))
    given = note("treaty", COFFEE)
    given = replace(
        given, metadata=replace(given.metadata, title="Wrong", author="Ada", published_is_guess=True)
    )
    (after,) = compare([given], Shelf(before)).updated
    assert (after.metadata.title, after.metadata.published, after.metadata.author) == ("Treaty", day, "Ada")
    assert not after.metadata.published_is_guess
    assert after.mended == before.mended


def test_a_revision_that_went_before_in_one_call_is_no_text_of_the_library() -> None:
    shelf = Shelf(note("treaty", GENEVA))
    found = compare([note("treaty", COFFEE), note("copy", GENEVA)], shelf)
    assert said(found) == [["copy"], ["treaty"], []]


def test_only_the_articles_that_are_touched_are_read_whole() -> None:
    shelf = Shelf(*(note(f"note-{n}", f"Ship {n} left port.") for n in range(50)))
    compare([note("note-7", "Ship 7 came back."), note("new", GENEVA)], shelf)
    assert set(shelf.read) == {"note-7"}
