"""HTML pages: the article without its furniture, and what the page says of itself."""

import json
import subprocess
import sys
import time
from datetime import date

import lxml.html
import pytest

from index.article import BlockKind
from index.errors import InputRejected
from index.readers import html
from index.readers.page import Page
from index.readers.raw import Raw

ONE = "The council of Marne voted on Tuesday to close the old bridge for repairs that last two years."
TWO = "Traders on the east bank said that the detour would cost them half of their customers."
THREE = "The mayor promised a ferry, which is to run every ten minutes from six in the morning."

NEWS = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<title>Marne closes its old bridge | The Marne Courier</title>
<meta property="og:title" content="Marne closes its old bridge">
<meta property="og:site_name" content="The Marne Courier">
<meta name="author" content="Ada Quill">
<meta property="article:published_time" content="2024-03-05T10:00:00Z">
<meta property="article:modified_time" content="2024-04-01T10:00:00Z">
<link rel="canonical" href="https://courier.example/news/bridge">
<script>window.ads = ["buy this"];</script><style>p {{ color: red }}</style></head>
<body><nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav>
<article><h1>Marne closes its
  old bridge</h1><p class="byline">By Ada Quill</p>
<p>{ONE} <b>{TWO}</b></p>
<h2>What it <i>costs</i></h2>
<p>{THREE} See <a href="/plan">the plan</a>,<br>in full.</p>
<ul><li>The ferry is free for pupils.</li><li>Others pay<ol><li>two coins by day</li></ol></li></ul>
<table><tr><th>Year</th><th>Cost</th></tr><tr><td>2024</td><td>3 million</td></tr></table>
<blockquote><p>We were never asked.</p></blockquote>
</article>
<aside><h3>Most read</h3><ul><li><a href="/a">Cat stuck in tree</a></li></ul></aside>
<footer>Copyright 2024 The Marne Courier. All rights reserved.</footer></body></html>"""


def read(page: str | bytes, charset: str | None = None) -> Page:
    data = page.encode() if isinstance(page, str) else page
    return html.read(Raw(data, "bridge", "bridge.html", charset))


def shown(page: Page, *kinds: BlockKind) -> list[str]:
    return [page.text[b.start : b.end] for b in page.blocks if b.kind in kinds]


def body(inner: str, head: str = "") -> str:
    return f"<!doctype html><html><head>{head}</head><body>{inner}</body></html>"


def refusal(page: str | bytes) -> str:
    """The one line that a page is refused with."""
    with pytest.raises(InputRejected) as refused:
        read(page)
    message = str(refused.value)
    assert message.startswith("bridge.html ")
    assert "\n" not in message
    return message


# What a person reads


def test_an_article_is_read_without_what_stands_around_it() -> None:
    page = read(NEWS)
    assert shown(page, BlockKind.TITLE) == ["Marne closes its old bridge"]
    assert shown(page, BlockKind.HEADING) == ["What it costs"]
    assert shown(page, BlockKind.PARAGRAPH) == [
        f"{ONE} {TWO}",
        f"{THREE} See the plan, in full.",
        "The ferry is free for pupils.",
        "Others pay",
        "two coins by day",
        "Year | Cost",
        "2024 | 3 million",
        "We were never asked.",
    ]


def test_a_page_says_who_wrote_it_and_when_and_where_it_lives() -> None:
    meta = read(NEWS).metadata
    assert (meta.title, meta.author) == ("Marne closes its old bridge", "Ada Quill")
    assert (meta.publisher, meta.published) == ("The Marne Courier", date(2024, 3, 5))
    assert meta.url == "https://courier.example/news/bridge"


def test_what_a_page_does_not_say_is_not_guessed() -> None:
    meta = read(body(f"<p>{ONE}</p><p>It was mended on May 3, 2011 by Jo Mason.</p><p>{TWO}</p>")).metadata
    assert meta.title == "bridge"
    assert (meta.author, meta.publisher, meta.published, meta.url) == (None, None, None, None)


def test_paragraphs_that_are_parted_by_line_breaks_stay_apart() -> None:
    page = read(body(f"<table><tr><td><font>{ONE}<br><br>{TWO}<br><br>{THREE}</font></td></tr></table>"))
    assert shown(page, BlockKind.PARAGRAPH) == [ONE, TWO, THREE]


def test_code_keeps_its_lines() -> None:
    code = "<pre><code>a = 1\n  b = 2</code></pre>"
    page = read(body(f"<article><p>{ONE} Call <code>run()</code> now.</p>{code}</article>"))
    assert shown(page, BlockKind.PARAGRAPH) == [f"{ONE} Call run() now.", "a = 1\n  b = 2"]


def test_xhtml_is_read_with_its_declaration() -> None:
    page = read(
        '<?xml version="1.0" encoding="utf-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml">'
        f"<head><title>Brücke</title></head><body><p>{ONE}</p><p>{TWO}</p></body></html>"
    )
    assert page.metadata.title == "Brücke"
    assert shown(page, BlockKind.PARAGRAPH) == [ONE, TWO]


PARTS = "".join(
    f"<h2>Part {n}</h2><p>{words}</p><ul><li>Item {n} costs {n} coins.</li></ul>"
    for n, words in enumerate((ONE, TWO, THREE))
)
MENU = "<ul><li><a href='/'>Home</a></li><li><a href='/s'>Sport</a></li></ul>"
RELATED = "<h3>Related</h3><ul><li><a href='/a'>Cat stuck in a tall tree again</a></li></ul>"
COOKIES = f"<div class='cookie-banner'><p>We use cookies. {'They make this page better. ' * 3}</p></div>"


@pytest.mark.parametrize(
    "layout",
    [
        PARTS,
        f"<section>{PARTS}</section>",
        f"<div class=content>{PARTS}</div>",
        f"<main>{PARTS}</main>",
        f"<table><tr><td><a href='/'>Home</a></td><td>{PARTS}</td></tr></table>",
        f"<nav>{MENU}</nav>{PARTS}<aside>{RELATED}</aside><footer>Copyright 2024.</footer>",
        f"{MENU}{COOKIES}{PARTS}{RELATED}<div><a href='/c'>Copyright 2024</a></div>",
    ],
    ids=["body", "section", "div", "main", "table", "furniture", "unnamed-furniture"],
)
def test_lists_and_headings_are_read_wherever_the_paragraphs_stand(layout: str) -> None:
    page = read(body(layout, "<title>The bridge</title>"))
    assert shown(page, BlockKind.HEADING) == ["Part 0", "Part 1", "Part 2"]
    items = [f"Item {n} costs {n} coins." for n in range(3)]
    assert shown(page, BlockKind.PARAGRAPH) == [ONE, items[0], TWO, items[1], THREE, items[2]]


def test_a_short_page_keeps_its_definitions_and_its_bare_text() -> None:
    extras = "<dl><dt>Ferry</dt><dd>It is free.</dd></dl><div>Bare text of the page.</div>"
    page = read(body(f"<p>{ONE}</p>{extras}<p>{TWO}</p>"))
    assert shown(page, BlockKind.PARAGRAPH) == [ONE, "Ferry", "It is free.", "Bare text of the page.", TWO]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("the shore.<sup><a href='#3'>3</a></sup> More", "the shore. More"),
        ("its islands.<sup>[0]</sup> More", "its islands. More"),
        ("in 1990<sup><a href='#a'>[a]</a></sup> More", "in 1990 More"),
        ("the shore<a href='#4'><sup>4</sup></a> is", "the shore is"),
        ("the shore*<sup>†</sup> is", "the shore* is"),
        ("over 5 km<sup>2</sup> of", "over 5 km² of"),
        ("the shore.<sup>1</sup><sup>2</sup> More", "the shore. More"),
        ("over <a href='/area'>5 km<sup>2</sup></a> of", "over 5 km² of"),
        ("some 10<sup>-6</sup> of", "some 10⁻⁶ of"),
        ("on May 1<sup>st</sup> of", "on May 1st of"),
    ],
)
def test_the_mark_of_a_footnote_is_dropped_and_an_exponent_stays_raised(written: str, read_as: str) -> None:
    assert f"({read_as} it)" in read(body(f"<article><p>{ONE} ({written} it) {TWO}</p></article>")).text


# What pages say of themselves, in the markup of well-known systems

TITLE = "Marne closes its old bridge"
PROSE = f"<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>"
CANONICAL = '<link rel=canonical href="https://courier.example/bridge/">'
JSON_LD = """<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [
{"@type": "WebPage", "datePublished": "2001-01-01"},
{"@type": "NewsArticle", "headline": "Marne closes its old bridge", "datePublished": "2024-03-05T10:00:00Z",
"dateModified": "2024-04-07",
"author": [{"@type": "Person", "name": "Ada Quill"}, {"@type": "Person", "name": "Ben Ink"}],
"publisher": {"@type": "NewsMediaOrganization", "name": "The Agency"}},
{"@type": "ItemList",
"itemListElement": [{"@type": "NewsArticle", "datePublished": "2002-02-02"}]}]}</script>"""
SYSTEMS = {
    "wordpress": (
        f"<title>{TITLE} &#8211; The Marne Courier</title>{CANONICAL}"
        f'<meta property="og:title" content="{TITLE} – The Marne Courier">'
        '<meta property="og:site_name" content="The Marne Courier"><meta name="author" content="Ada Quill">'
        '<meta property="article:published_time" content="2024-03-05T10:00:00+00:00">',
        f'<article class="post"><h1 class="entry-title">{TITLE}</h1>{PROSE}</article>',
        ("Ada Quill", "The Marne Courier"),
    ),
    "wordpress-without-plugins": (
        f"<title>{TITLE}</title>{CANONICAL}",
        f'<article class="post"><h1 class="entry-title">{TITLE}</h1>'
        '<time class="entry-date published" datetime="2024-03-05T10:00:00+00:00">March 5, 2024</time>'
        f'<span class="byline">by <span class="author vcard"><a class="url fn n">Ada Quill</a></span></span>'
        f'<div class="entry-content">{PROSE}</div></article>',
        ("Ada Quill", None),
    ),
    "hugo": (
        f'<title>{TITLE}</title><meta property="og:title" content="{TITLE}"><meta property="og:url" '
        'content="https://courier.example/bridge/">'
        '<meta property="article:published_time" content="2024-03-05">',
        f"<main><article><h1>{TITLE}</h1>{PROSE}</article></main>",
        (None, None),
    ),
    "agency": (
        f"<title>{TITLE}</title>{CANONICAL}{JSON_LD}",
        f"<article><h1>{TITLE}</h1>{PROSE}</article>",
        ("Ada Quill, Ben Ink", "The Agency"),
    ),
    "government": (
        f'<title>{TITLE}</title>{CANONICAL}<meta name="govuk:public-updated-at" content="2024-06-05">'
        '<meta name="govuk:first-published-at" content="2024-03-05T00:00:00+00:00">',
        f"<main><h1>{TITLE}</h1>{PROSE}</main>",
        (None, None),
    ),
    "dublin-core": (
        f'<title>{TITLE}</title>{CANONICAL}<meta name="DC.date.issued" content="2024-03-05">'
        '<meta name="DC.creator" content="Ada Quill"><meta name="DC.publisher" content="Marne Press">',
        f"<h1>{TITLE}</h1>{PROSE}",
        ("Ada Quill", "Marne Press"),
    ),
    "pubdate": (
        f"<title>{TITLE}</title>{CANONICAL}",
        f'<article><h1>{TITLE}</h1><time pubdate datetime="2024-03-05">5 March</time>{PROSE}</article>',
        (None, None),
    ),
    "microdata": (
        f"<title>{TITLE}</title>{CANONICAL}",
        f'<article><h1>{TITLE}</h1><time itemprop="datePublished" datetime="2024-03-05">5 March</time>'
        f"{PROSE}</article>",
        (None, None),
    ),
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_page_of_a_well_known_system_is_read_as_it_describes_itself(system: str) -> None:
    head, inner, (author, publisher) = SYSTEMS[system]
    meta = read(body(inner, head)).metadata
    assert (meta.title, meta.author, meta.publisher) == (TITLE, author, publisher)
    assert (meta.published, meta.published_is_guess) == (date(2024, 3, 5), False)
    assert meta.url == "https://courier.example/bridge/"


@pytest.mark.parametrize(
    ("head", "byline"),
    [
        ('<link rel=canonical href="https://courier.example/2024/03/05/bridge">', ""),
        ("", '<p class="byline">By Ada Quill | March 5, 2024</p>'),
        (
            "<script type='application/ld+json'>{\"datePublished\": </script>",
            "<p class=date>March 5, 2024</p>",
        ),
    ],
    ids=["url", "byline", "broken-json"],
)
def test_a_date_that_the_page_does_not_state_is_marked_as_a_guess(head: str, byline: str) -> None:
    meta = read(body(f"<article><h1>{TITLE}</h1>{byline}{PROSE}</article>", head)).metadata
    assert (meta.published, meta.published_is_guess) == (date(2024, 3, 5), True)
    assert meta.author in (None, "Ada Quill")


def test_a_time_zone_that_nobody_knows_does_no_harm() -> None:
    # Found by changing pages at random: the library that reads dates warned on the terminal.
    head = '<meta property="article:published_time" content="2024-03-05T00:00:00V00:00">'
    assert read(body(f"<article><h1>{TITLE}</h1>{PROSE}</article>", head)).metadata.title == TITLE


def test_json_ld_nested_without_end_does_no_harm() -> None:
    deep = "<script type='application/ld+json'>" + "[" * 100_000 + "</script>"
    meta = read(body(f"<article><h1>{TITLE}</h1>{PROSE}</article>", deep)).metadata
    assert (meta.published, meta.published_is_guess) == (None, False)


def test_json_ld_that_is_broken_does_not_take_the_square_of_its_length() -> None:
    # Found by fuzzing: the patterns that look for names in what is no JSON took minutes.
    broken = "<script type='application/ld+json'>{" + '"Person", "no": ' * 10_000 + "</script>"
    short = '<script type=application/ld+json>{"@type": "Person" "author": {"name": "Ada Quill"}}</script>'
    start = time.monotonic()
    page = read(body(f"<article><h1>{TITLE}</h1>{PROSE}</article>", short + broken * 2))
    assert time.monotonic() - start < 10
    assert page.metadata.author == "Ada Quill"


@pytest.mark.parametrize("headline", [["One", "Two"], {"@value": "One"}, 7])
def test_a_headline_that_is_no_text_is_no_title(headline: object) -> None:
    # Found by fuzzing: a list of headlines was taken for the title.
    said = json.dumps({"@context": "https://schema.org", "@type": "NewsArticle", "headline": headline})
    head = f"<title>{TITLE}</title><script type='application/ld+json'>{said}</script>"
    assert read(body(f"<article>{PROSE}</article>", head)).metadata.title == TITLE


@pytest.mark.parametrize("root", ["math", "object", "svg"])
def test_one_element_that_holds_all_is_read_or_refused(root: str) -> None:
    # Found by fuzzing: the library that reads dates tried to drop the element out of nothing.
    try:
        assert ONE in read(f"<{root}>{PROSE}</{root}>").text
    except InputRejected as refused:
        assert "holds no text" in str(refused)  # noqa: PT017 - which of both is the library's affair


# Encodings

RUSSIAN = "Совет города решил закрыть старый мост для ремонта на два года, сообщил мэр."
JAPANESE = "市議会は火曜日に古い橋を二年間閉鎖することを決めた。"
FRENCH = "Le conseil a décidé « mardi » de fermer le vieux pont – à cause de l’âge."


@pytest.mark.parametrize(
    ("text", "encoding", "charset", "declared"),
    [
        (FRENCH, "utf-8", None, ""),
        (FRENCH, "utf-8-sig", "iso-8859-1", ""),
        (FRENCH, "utf-16", None, ""),
        (FRENCH, "utf-16-le", "utf-16le", ""),
        (FRENCH, "cp1252", "ISO-8859-1", ""),
        (FRENCH, "cp1252", None, '<meta charset="latin1">'),
        (FRENCH, "utf-8", "no-such-encoding", ""),
        (FRENCH, "utf-8", None, "<meta charset=utf-16>"),
        (RUSSIAN, "cp1251", "windows-1251", '<meta charset="utf-8">'),
        (RUSSIAN, "koi8-r", None, "<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>"),
        (RUSSIAN * 4, "cp1251", None, ""),
        (JAPANESE, "cp932", None, "<meta charset=Shift_JIS>"),
        (JAPANESE, "euc_jp", "EUC-JP", ""),
        (JAPANESE, "iso2022_jp", "iso-2022-jp", ""),
    ],
)
def test_an_encoding_is_found_as_browsers_find_it(
    text: str, encoding: str, charset: str | None, declared: str
) -> None:
    page = read(body(f"<p>{text} {text}</p>", declared).encode(encoding), charset)
    assert shown(page, BlockKind.PARAGRAPH) == [f"{text} {text}"]


def test_a_stray_byte_costs_one_letter_and_not_the_page() -> None:
    around = f"<p>{FRENCH} {ONE}</p>" * 15
    page = read(
        body(f"{around}<p>Encore un caf* de plus au vieux pont.</p>{around}").encode().replace(b"*", b"\xe9")
    )
    assert FRENCH in page.text
    assert "caf\ufffd de plus" in page.text


def test_bytes_that_are_no_text_are_refused() -> None:
    assert "not text that can be read" in refusal(b"<html><body><p>" + bytes(range(256)) * 200)


def test_an_encoding_that_takes_quadratic_time_is_not_tried() -> None:
    started = time.monotonic()
    read(body("<p>" + "words of a sentence " * 20_000 + "</p>").encode(), "punycode")
    assert time.monotonic() - started < 2


# What cannot be used


@pytest.mark.parametrize(
    "page",
    [
        body(""),
        body("<div id=root></div><script>" + "render();" * 1000 + "</script>"),
        body("<noscript>You need to enable JavaScript to run this app.</noscript><div id=root></div>"),
        body("<h1>Nothing but a title</h1>"),
        "<html></html>",
    ],
    ids=["empty", "script", "noscript", "title", "bare"],
)
def test_a_page_without_text_is_refused_with_its_likely_reason(page: str) -> None:
    assert "no text that could be cited; where JavaScript writes the page" in refusal(page)


@pytest.mark.parametrize("page", ["{}", "words", "<", "<!--", "<html", "\0"])
def test_what_is_no_page_is_refused(page: str) -> None:
    refusal(page)


@pytest.mark.parametrize("tag", ["div", "span", "b", "blockquote", "ul><li", "table><tr><td", "x-y"])
def test_a_page_nested_100_000_deep_is_refused_at_once(tag: str) -> None:
    read(NEWS)  # imports what it needs
    started = time.monotonic()
    assert "nested too deeply" in refusal(body(f"<{tag}>" * 100_000 + ONE))
    assert time.monotonic() - started < 2


def test_nothing_is_lost_in_a_page_that_is_nested_as_deep_as_is_allowed() -> None:
    deep = html.DEEPEST - 3
    page = read(body("<div>" * deep + f"<p>{ONE}</p>" + "</div>" * deep + f"<p>{TWO}</p>"))
    assert shown(page, BlockKind.PARAGRAPH) == [ONE, TWO]


def test_a_page_of_too_many_parts_is_refused_at_once() -> None:
    started = time.monotonic()
    assert "too many parts" in refusal(body("<p>x</p>" * 60_000))
    assert time.monotonic() - started < 2


def test_a_part_that_the_parser_would_cut_short_is_refused() -> None:
    assert "too large" in refusal(body(f"<p>{ONE}</p><img src='{'x' * 11_000_000}'><p>{TWO}</p>"))


# What reading a page may do


def test_reading_a_page_opens_no_connection_and_writes_no_file() -> None:
    program = """
import sys
from index.readers import html
from index.readers.raw import Raw
import trafilatura, charset_normalizer

def audit(event, arguments):
    if event.startswith("socket.") or event in ("os.mkdir", "os.remove", "os.rename", "subprocess.Popen"):
        raise AssertionError((event, arguments))
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        raise AssertionError((event, arguments))

sys.dont_write_bytecode = True
sys.addaudithook(audit)
print(html.read(Raw(sys.stdin.buffer.read(), "a", "a.html")).metadata.title)
"""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], input=NEWS.encode(), capture_output=True, check=False
    )
    assert ran.stderr == b""
    assert ran.stdout == b"Marne closes its old bridge\n"


def test_only_reading_a_page_imports_what_reading_a_page_needs() -> None:
    program = """
import sys
import index.readers
heavy = {"trafilatura", "lxml", "charset_normalizer", "httpcore2", "index.sources.fetch"}
print(sorted(heavy & set(sys.modules)))
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_many_marks_do_not_take_the_square_of_their_number() -> None:
    tree = lxml.html.fromstring("<p>" + "some words of it<sup>[1]</sup>" * 20_000 + "</p>")
    start = time.monotonic()
    html._settle_raised(tree)
    assert time.monotonic() - start < 3  # 0.14 s, or 11 s where each is taken out
