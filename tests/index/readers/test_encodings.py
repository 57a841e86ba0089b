"""Text that does not say its encoding: read where it can be told, refused where not, never mojibake."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import InputRejected
from index.readers import docx, epub, html, markdown, text
from index.readers.page import Page
from index.readers.raw import Raw, decoded
from tests.index.readers import containers

FRENCH = (
    "Le conseil municipal a décidé mardi de fermer le vieux pont, à cause de son âge : « Nous "
    "n’avions plus le choix », a déclaré la maire. Les commerçants de la rive gauche craignent de "
    "perdre la moitié de leur clientèle pendant les deux années que dureront les travaux. Un bac "
    "gratuit, qui passera toutes les dix minutes dès six heures du matin, doit être mis en place "
    "avant l’été. Les élèves et les employés de l’hôpital en seront les premiers bénéficiaires, même "
    "si certains préfèrent déjà prendre leur vélo. "
)
GERMAN = (
    "Der Stadtrat hat am Dienstag beschlossen, die alte Brücke für zwei Jahre zu schließen. „Es gab "
    "keine andere Möglichkeit“, sagte die Bürgermeisterin. Die Händler am östlichen Ufer befürchten, "
    "dass ihnen der Umweg die Hälfte ihrer Kundschaft nehmen könnte. Eine Fähre soll ab sechs Uhr "
    "früh alle zehn Minuten übersetzen; für Schüler und Beschäftigte des Krankenhauses ist sie "
    "kostenlos. Größere Lastwagen müssen über die Autobahnbrücke fahren, was die Straßen im Süden der"
    " Stadt zusätzlich belasten dürfte. "
)
PORTUGUESE = (
    "A câmara municipal decidiu na terça-feira encerrar a velha ponte para obras que vão durar dois "
    "anos. “Não havia outra solução”, disse a presidente. Os comerciantes da margem esquerda receiam "
    "que o desvio lhes custe metade da clientela. Uma embarcação gratuita fará a ligação de dez em "
    "dez minutos a partir das seis da manhã; os alunos e os funcionários do hospital serão os "
    "primeiros a usá-la. A circulação de camiões será feita pela autoestrada, o que deverá aumentar o"
    " trânsito nas ruas a sul da cidade até ao verão. "
)
POLISH = (
    "Rada miasta zdecydowała we wtorek o zamknięciu starego mostu na czas remontu, który potrwa dwa "
    "lata. „Nie mieliśmy innego wyjścia” – powiedziała pani burmistrz. Kupcy z prawego brzegu "
    "obawiają się, że objazd odbierze im połowę klientów. Prom ma kursować co dziesięć minut od "
    "szóstej rano; dla uczniów i pracowników szpitala będzie bezpłatny. Ciężarówki pojadą mostem "
    "autostradowym, przez co ulice na południu miasta będą jeszcze bardziej zatłoczone. Mieszkańcy "
    "żądają, żeby prace zakończono już przyszłą jesienią. "
)
RUSSIAN = (
    "Совет города решил во вторник закрыть старый мост для ремонта, который продлится два года. "
    "Другого выхода не было, сказала мэр. Торговцы на правом берегу опасаются, что объезд отнимет у "
    "них половину покупателей. Паром будет ходить каждые десять минут с шести часов утра; для "
    "школьников и работников больницы он бесплатный. Грузовики поедут по мосту на шоссе, отчего улицы"
    " на юге города станут ещё более загруженными. Жители требуют, чтобы работы закончили уже будущей"
    " осенью, до первого снега и до начала занятий. "
)
JAPANESE = (
    "市議会は火曜日、古い橋を修理のため二年間閉鎖することを決めた。市長は「ほかに方法がなかった」と述べた。東"
    "岸の商店主たちは、回り道のせいで客の半分を失うのではないかと心配している。渡し船は午前六時から十分おきに"
    "運航し、生徒と病院の職員は無料で利用できる。大型トラックは高速道路の橋を通るため、市の南部の道路はさらに"
    "混雑する見込みだ。住民は工事を来年の秋までに終えるよう求めている。"
) * 3
CHINESE = (
    "市议会星期二决定关闭旧桥，进行为期两年的维修。市长说：“我们没有别的办法。”东岸的商人担心，绕行会使他们"
    "失去一半的顾客。渡船将从早上六点开始每十分钟一班，学生和医院职工可以免费乘坐。大型卡车将改走高速公路桥，"
    "因此城市南部的街道会更加拥挤。居民要求在明年秋天以前完成工程。"
) * 4
ENGLISH = (
    "The council of Marne voted on Tuesday to close the old bridge. “There was no other way,” the "
    "mayor’s office said – and the traders at the Café Zoë on the east bank won’t like it. The detour"
    " would cost them half of their customers, who come by car; a ferry is to run every ten minutes "
    "from six in the morning. Lorries are sent to the motorway, which is why the streets in the south"
    " will be busier than they have ever been. "
)
PROSE = {
    "fr": FRENCH,
    "de": GERMAN,
    "pt": PORTUGUESE,
    "pl": POLISH,
    "ru": RUSSIAN,
    "ja": JAPANESE,
    "zh": CHINESE,
    "en": ENGLISH,
}


def read(data: bytes, charset: str | None = None) -> str:
    return decoded(Raw(data, "a", "a.txt", charset))


def refusal(data: bytes) -> str:
    with pytest.raises(InputRejected) as refused:
        read(data)
    message = str(refused.value)
    assert message.startswith("a.txt is not text that can be read: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        *[
            (language, encoding)
            for language in ("fr", "de", "pt", "en")
            for encoding in ("cp1252", "mac-roman")
        ],
        ("fr", "iso8859-15"),
        ("de", "iso8859-15"),
        ("pt", "iso8859-15"),
        ("pl", "cp1250"),
        ("pl", "iso8859-2"),
        *[("ru", encoding) for encoding in ("cp1251", "koi8-r", "iso8859-5", "cp866")],
        *[("ja", encoding) for encoding in ("cp932", "euc_jp", "iso2022_jp")],
        ("zh", "gb18030"),
        *[(language, f"utf-16-{end}") for language in ("en", "ru", "ja", "zh") for end in ("le", "be")],
    ],
)
def test_a_paragraph_is_read_in_the_encoding_that_it_was_written_in(language: str, encoding: str) -> None:
    data = PROSE[language].encode(encoding, errors="ignore")
    assert read(data) == data.decode(encoding)


@pytest.mark.parametrize(
    ("language", "encodings"),
    [
        ("fr", "cp1252 iso8859-15 mac-roman"),
        ("de", "cp1252 cp1250 iso8859-2"),
        ("pt", "cp1252 mac-roman"),
        ("pl", "cp1250 iso8859-2"),
        ("ru", "cp1251 koi8-r cp866 mac-cyrillic"),
        ("ja", "cp932 euc_jp"),
    ],
)
@pytest.mark.parametrize("length", [10, 30, 60, 120, 250])
def test_a_short_text_is_read_right_or_refused(language: str, encodings: str, length: int) -> None:
    for encoding in encodings.split():
        data = PROSE[language][:length].encode(encoding, errors="ignore")
        try:
            assert read(data) == data.decode(encoding)
        except InputRejected:
            assert "save the file as UTF-8" in refusal(data)


@pytest.mark.parametrize(
    "said",
    ["„Das ist ein guter Tag.“ Müller", "„Gut“ – sagte Müller", "»Gut«, sagte Müller", "‚Gut‘, sagte Müller"],
)
@pytest.mark.parametrize("repeated", [1, 20])
def test_german_closes_its_quotations_with_the_sign_that_opens_english_ones(said: str, repeated: int) -> None:
    written = f"{said}. Die Arbeiten beginnen im Mai, und der Kran ist nicht für den Hafen. " * repeated
    assert read(written.encode("cp1252")) == written


@pytest.mark.parametrize("encoding", ["cp1252", "iso8859-1"])
@pytest.mark.parametrize(
    "written",
    [
        "The tea at the Café Zoë is £5 and the cake that comes with it is £3.50.",
        "It was 10°C in the town of São Bento, and the naïve were in the café.",
        "La città è la più bella di Italia e non è la sola che lo dice per il mondo.",
        "Il nome della città è di un santo, e non per il re: Forlì.",
        "Der Stadtrat hat die Brücke geschlossen, und das ist für den Süden nicht gut.",
    ],
)
def test_a_western_sentence_is_taken_for_windows_1252_as_browsers_take_it(
    written: str, encoding: str
) -> None:
    assert read(written.encode(encoding)) == written


def test_curly_quotes_and_the_euro_are_read_in_a_short_english_text() -> None:
    written = "“The price of a cup is €5,” the owner’s son said – and it was ‘too much’ for me."
    assert read(written.encode("cp1252")) == written


def test_the_euro_of_latin_9_is_no_sign_of_a_currency_that_there_is_not() -> None:
    written = "The price of a cup in the café is €5, and that of the cake is €3. " * 10
    assert read(written.encode("iso8859-15")) == written


GREEK = (
    "Το δημοτικό συμβούλιο αποφάσισε την Τρίτη να κλείσει την παλιά γέφυρα για δύο χρόνια. Η δήμαρχος είπε "
    "ότι δεν υπήρχε άλλη λύση και ότι το πλοίο θα περνά κάθε δέκα λεπτά."
)
HEBREW = (
    "מועצת העיר החליטה ביום שלישי לסגור את הגשר הישן לצורך שיפוצים שיימשכו שנתיים. הסוחרים חוששים שהמעקף "
    "יגזול מהם מחצית מלקוחותיהם, ומעבורת תפעל כל עשר דקות החל משש בבוקר."
)


@pytest.mark.parametrize(
    ("written", "encoding"),
    [
        (JAPANESE[:90], "euc_jp"),
        ("先ほどの行の番号をタイプしてください。市長は方法がなかったと述べた。", "euc_jp"),
        (JAPANESE[:90], "cp932"),
        (CHINESE[:90], "gb18030"),
        (GREEK, "iso8859-7"),
        (HEBREW, "cp1255"),
        *[(RUSSIAN[:150], encoding) for encoding in ("cp1251", "koi8-r", "iso8859-5", "cp866")],
    ],
)
def test_a_few_sentences_in_another_script_are_read(written: str, encoding: str) -> None:
    assert read(written.encode(encoding)) == written


@pytest.mark.parametrize("end", ["le", "be"])
def test_utf_32_is_read_by_its_mark(end: str) -> None:
    assert read(f"\ufeff{ENGLISH}".encode(f"utf-32-{end}")) == ENGLISH


def test_a_text_in_doubt_is_refused_with_what_to_do() -> None:
    told = "byte 1 is not UTF-8; save the file as UTF-8 (whether it is windows-1252 cannot be told)."
    assert refusal("Tée".encode("cp1252")).endswith(told)


def test_the_letters_far_down_in_a_long_text_are_read() -> None:
    far = "Nothing but plain words here.\n" * 10_000 + FRENCH
    assert read(far.encode("cp1252")) == far


def test_what_came_with_the_bytes_wins_over_what_they_look_like() -> None:
    assert read(POLISH.encode("cp1250"), "windows-1250") == POLISH
    assert read("Łódź".encode("iso8859-2"), "iso-8859-2") == "Łódź"
    assert read(FRENCH.encode("cp1252"), "utf-8") == FRENCH


def test_a_stray_byte_in_utf_8_is_shown_as_lost_and_the_rest_is_kept() -> None:
    data = (FRENCH * 4).encode() + b"caf\xe9 " + (FRENCH * 4).encode()
    assert read(data) == FRENCH * 4 + "caf\ufffd " + FRENCH * 4


def test_a_stray_byte_among_spaces_that_do_not_break_makes_no_letters_of_them() -> None:
    whole = "The detour is 10\u00a0km long by car and takes 20\u00a0minutes of a day. " * 30
    assert read(whole.encode() + b"caf\xe9 " + whole.encode()) == f"{whole}caf\ufffd {whole}"


def test_many_stray_bytes_in_utf_8_are_named_and_never_read_as_another_encoding() -> None:
    data = FRENCH.encode() + b"caf\xe9 d\xe9j\xe0 "
    assert f"byte {len(FRENCH.encode()) + 3} is not UTF-8" in refusal(data)


def test_the_letter_for_a_lost_letter_is_kept_where_it_was_written() -> None:
    assert read("a \ufffd b".encode()) == "a \ufffd b"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff" * 50, "it is a binary file"),
        (b"\x7fELF\2\1\1\0" + bytes(range(256)) * 9, "it is a binary file"),
        (random.Random(1).randbytes(5_000), "it is a binary file"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "it is a PDF; rename it to end in .pdf"),
        (containers.word(""), "it is a Word document; rename it to end in .docx"),
        (containers.book([]), "it is an EPUB; rename it to end in .epub"),
        (containers.zipped({"a": "b"}), "it is a zip archive; unpack it"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "save it as .docx without a password"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><p>Text", "it is an HTML page; rename it to end in .html"),
        (b"<html lang=en><head></head>", "it is an HTML page"),
    ],
    ids=["png", "elf", "noise", "pdf", "docx", "epub", "zip", "ole", "doctype", "html"],
)
def test_what_is_no_text_is_told_by_its_bytes(data: bytes, reason: str) -> None:
    assert reason in refusal(data)


def test_a_text_that_begins_with_a_tag_is_a_text() -> None:
    assert read(b"<html> is the first element of a page.").startswith("<html>")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\x1b\ufeff"), min_size=1))
def test_any_text_in_utf_8_or_marked_utf_16_is_read_to_the_letter(written: str) -> None:
    kinds = ("<!doctype html", "<html", "%pdf-")
    if not written.lstrip().lower().startswith(kinds):
        assert read(written.encode()) == read(written.encode("utf-16")) == written


# Whatever the bytes, a reader reads or refuses

READERS: dict[str, tuple[Callable[[Raw], Page], bytes]] = {
    "docx": (docx.read, containers.word(containers.paragraph("One", "Titel") + containers.paragraph(FRENCH))),
    "epub": (epub.read, containers.book([f"<h1>One</h1><p>{FRENCH}</p>"], "<dc:title>One</dc:title>")),
    "html": (html.read, f"<html><head><title>One</title></head><body><p>{FRENCH}</p></body></html>".encode()),
    "markdown": (
        lambda raw: markdown.read(decoded(raw), raw.name, raw.where),
        f"---\ntitle: [x]\ndate: 2024-01-25\n---\n# One\n\n{FRENCH}\n\n<div>two</div>".encode(),
    ),
    "text": (lambda raw: text.read(decoded(raw), raw.name), FRENCH.encode("cp1252")),
}
PARTS = [
    b"\0",
    b"<",
    b">",
    b"&",
    b"[",
    b": ",
    b"---\n",
    b"\x1b$B",
    b"&#0;",
    b"<!ENTITY e 'x'>",
    b"\xff\xfe",
    b"",
]


@pytest.mark.parametrize("name", READERS)
def test_bytes_changed_at_random_are_read_or_refused(name: str) -> None:
    reader, made = READERS[name]
    chance = random.Random(name)
    for _ in range(80):
        data = bytearray(made)
        for _ in range(chance.choice([1, 2, 8])):
            at = chance.randrange(len(data))
            data[at : at + chance.choice([0, 1, 30])] = chance.choice([*PARTS, chance.randbytes(3)])
        try:
            page = reader(Raw(bytes(data), "a", "a.x"))
        except InputRejected:
            continue
        ends = [0, *(offset for block in page.blocks for offset in (block.start, block.end))]
        assert ends == sorted(ends)
        assert ends[-1] <= len(page.text)
