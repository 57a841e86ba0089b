"""The encoding of bytes that do not say it: a library proposes, the alphabets of languages decide.

charset_normalizer alone takes a quarter of French, Portuguese and Catalan in Windows-1252 for Central
European (paragraphs of 600 characters), for few letters tell the two apart. But a text with an ă that should
be ã has an ő that should be õ, and no language has both; and words in ASCII, which are the same
in every encoding, tell the language.
"""

import re
import unicodedata
from collections import Counter

from index.readers.labels import WEB, known

SHORTEST = 40
"""Bytes. What is shorter has too few words to tell its language."""
CERTAIN = 500
"""Bytes. Below, two likely readings are a doubt, unless one is Windows-1252 and the language is known, as
browsers take it; above, the commoner one of two is right."""
MOST_ODD = 0.04
"""Share of what is beyond ASCII that may be foreign to the language, as in a name. A wrong reading has .1."""
MOST_IN_ENGLISH = 0.03
"""Share of letters with accents: English has them in names only, and then any. Portuguese has .04."""
FEW = 4
"""Letters with accents that a sentence of English may have in its names, whatever their share."""
LEAST_WORDS = 3
"""Common words that tell a language."""
LARGEST_SAMPLE = 50_000
"""Bytes. Each of 30 encodings is tried on it, which takes 0.1 s."""
LEAST_OWN = 0.2
"""Share of the letters that are not Latin, in a text of another script."""

# Of each language in Latin letters: common words that are the same bytes in every encoding, and the letters
# beyond ASCII (CLDR's main and auxiliary sets). English has those of its neighbours, in names.
_LANGUAGES = {
    frozenset(row.split(": ")[0].split()): frozenset(row.split(": ")[1])
    for row in (
        "the of and to in is was that for with: àáâãäåæçèéêëíìîïñòóôõöøœùúûüßªº",
        "le la les de des et est une dans que pour sur: àâçèéêëîïñôœùûü",
        "el los las de que en una por con para del: áçéíñóúüïªº",
        "os as que um uma para com do da em dos no na: áâãàçéêíñóôõúªº",
        "il di che la per un non con del della sono: àèéìîòùªº",
        "de het een van en dat niet met zijn voor: áàäçëéèêïíöóòüú",
        "der die und das ist nicht den mit ein zu von: äöüßéàç",
        "och att det som en inte med av den till: åäöéàü",
        "og det som ikke til en er med af av: æøåéäöüòóôèê",
        "og er ekki sem til hann var um: áðéíóúýþæö",
        "el els les i que amb per del una: çàèéíïñòóúüªº",
        "ja on ei se oli mutta joka: åäöšžé",
        "w i na z do nie jest to po od: ąćęłńóśźżé",
        "a v na se je to s z do jako pro: áčďéěíňóöřšťúůüýž",
        "a v na sa je to s z do ako pre alebo: áäčďéíĺľňóôöŕšťúüýž",
        "a az egy hogy nem is ha de: áéíóöőúüű",
        "i u je na se da za od su: čćđšžéü",
        "de la cu si nu este pe un din o: ăâîșțşţé",
        "bir ve bu da de ile ne olarak: çğıi\u0307öşüâîûé",
        "ir kad yra su buvo: ąčęėįšųūž",
        "un ir ka no ar par: āčēģīķļņšūžŗō",
        "ja on ei et oli kui see: äöõüšž",
    )
}
# What stands in no text: a sign within or before a word, a capital after a small letter, a control character.
_SIGN = "[¢-©¬®¯±´¶¸¼-¾÷ˇ˘-˝€ƒ†‡‰ˆ⁄№∂∆∏∑√∞∫≈≠≤≥◊]"
_CAPITAL = "[À-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮĶĹĻĽŁŃŅŇŌŐŒŔŖŘŚŞŠŢŤŪŮŰŲŸŹŻŽ]"
_ODD = re.compile(
    rf"{_SIGN}(?=[^\W\d_])|[a-zà-öø-ÿ]{_CAPITAL}|[^\W_][¿¡]|[^\W\d_][‹›](?=[^\W\d_])|”(?=[a-zA-Zà-ÿ])"
    r"|¤|[a-z][‘•](?=[a-z\s])|\b[À-ÖØ-Þ](?=\d)"
    r"|[а-џά-ώ][А-ЯЀ-ЏΑ-Ω]|(?<!\S)[ñìîÑÒÓÔÕ](?!\S)|[—¬](?=[а-џ])|¬|ς(?=[α-ω])"
    r"|[\x80-\x9f\ue000-\uf8ff\ufffd]|(?<![\u0590-\u05ff])[\u0591-\u05c7]|(?<![\u0e00-\u0e7f])[\u0e31-\u0e4e]"
)
# „So“ closes with the sign that opens “so”; where nothing is opened by „, it is a letter of another encoding.
_CLOSES_NOTHING = re.compile(r"„(?=[\s.,])|“(?=[\s.,])")
# Half of a text in these scripts is made of its commonest letters, and an eighth of one in Chinese.
_FREQUENT = {
    "CYRILLIC": frozenset("оеаинтсрвлкі"),
    "GREEK": frozenset("αοιετνσςρηυκπάέίό"),
    "HEBREW": frozenset("יוהלאמתרבש"),
    "ARABIC": frozenset("اليمنتربوةع"),
    "THAI": frozenset("านรกอเงมยลวดทสตะ"),
    "CJK": frozenset(
        "的一是不了在人有我他这这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里"
        "用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心本前开但因只从想实日"
        "這個們來為國說時會對過發後裡種經麼學現當沒動還進樣開從實"
    ),
}
_CYRILLIC = [
    frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяѣѝ" + more) for more in ("ё", "іїєґў", "ђћјљњџѓѕќ")
]  # Russian and Bulgarian, Ukrainian and Belarusian, Serbian and Macedonian
_LEAST_FREQUENT = {"CYRILLIC": 0.5, "GREEK": 0.5, "HEBREW": 0.4, "ARABIC": 0.5, "THAI": 0.45, "CJK": 0.08}


def detected(data: bytes) -> str | None:
    """Python's name for the encoding, or None where it is in doubt. Takes 7 ms for 1,000 characters."""
    # Importing it takes 0.05 s, which only those pay whose files do not say their encoding.
    from charset_normalizer import from_bytes

    sample = _sample(data)
    if _CONTROL.search(sample):
        return _wide(data[: LARGEST_SAMPLE // 2 * 2])
    if len(sample) < SHORTEST:
        return None
    proposed = [
        match.encoding for match in from_bytes(sample, cp_isolation=_PROPOSABLE, enable_fallback=False)
    ]
    # It leaves out what it takes for a twin of another, which cp1252 is of cp1250.
    readings = {name: text for name in [*_COMMON, *proposed] if (text := _read(sample, name)) is not None}
    alphabets = _alphabets(sample)
    odd = {name: _oddness(text, name, alphabets) for name, text in readings.items()}
    likely = [name for name in readings if odd[name] < MOST_ODD]
    if not likely:
        return None
    best = min(likely, key=odd.__getitem__)
    tells = _ENGLISH in alphabets or any(c.isalpha() and c > "\x7f" for c in readings[best])
    western = best == "cp1252" and len(alphabets) < len(_LANGUAGES) and tells
    rivals = [name for name in likely if odd[name] == 0 or odd[best] > 0]
    if len(sample) < CERTAIN and not western and any(readings[name] != readings[best] for name in rivals):
        return None
    return known(best)


def _read(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _alphabets(data: bytes) -> list[frozenset[str]]:
    """Those of the languages that the words in ASCII are of; all where they do not tell."""
    words = Counter(_WORD.findall(data.decode("ascii", errors="replace").lower()))
    found = {letters: sum(words[word] for word in common) for common, letters in _LANGUAGES.items()}
    most = max(found.values())
    return [letters for letters, count in found.items() if most < LEAST_WORDS or count >= 0.6 * most]


def _sample(data: bytes) -> bytes:
    """Whole lines from the first that is not ASCII; no encoding of the web has a line end within a letter."""
    if len(data) <= LARGEST_SAMPLE:
        return data
    first = _NOT_ASCII.search(data)
    start = data.rfind(b"\n", 0, first.start()) + 1 if first else 0
    end = data.rfind(b"\n", start, start + LARGEST_SAMPLE)
    return data[start : end if end > start else start + LARGEST_SAMPLE]


_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_CONTROL = re.compile(rb"[\0-\x08\x0e-\x1a]")
_WORD = re.compile(r"(?<![\w\ufffd])[a-z]+(?![\w\ufffd])")
_COMMON = ("cp1252", "cp1250", "iso8859_15", "iso8859_2", "mac_roman")
_LATIN = frozenset(
    "cp1250 cp1252 cp1254 cp1257 cp1258 iso8859_2 iso8859_3 iso8859_4 iso8859_10 iso8859_13 iso8859_14 "
    "iso8859_15 iso8859_16 mac_roman".split()
)
_PROPOSABLE = sorted(name.replace("-", "_") for name in WEB if not name.startswith("utf"))


def _wide(data: bytes) -> str | None:
    """UTF-16 without its mark: bytes that no other text has, every other one from fewer values (the rows)."""
    if len(data) % 2 or len(data) < 32 or not _CONTROL.search(data):
        return None
    encoding = "utf-16-le" if len(set(data[1::2])) < len(set(data[::2])) else "utf-16-be"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    shown = sum(c.isprintable() or c.isspace() for c in text)
    words = sum(c.isalpha() or c.isspace() for c in text)
    return encoding if shown > 0.999 * len(text) and words > 0.6 * len(text) else None


def _oddness(text: str, encoding: str, alphabets: list[frozenset[str]]) -> float:
    """The share of what is beyond ASCII that stands in no text of the language which fits best."""
    beyond = [c for c in text if c > "\x7f" and not c.isspace()]
    letters = [c for c in text if c.isalpha()]
    accented = [c for c in letters if c > "\x7f"]
    scripts = Counter("LATIN" if c in "ªº" else unicodedata.name(c, "").split(" ")[0] for c in accented)
    odd = sum(1 for _ in _ODD.finditer(text))
    if "„" not in text or text.count("„") < text.count("“") / 2:
        odd += sum(1 for _ in _CLOSES_NOTHING.finditer(text))
    if scripts["LATIN"] * 2 < len(accented):
        if len(accented) - scripts["LATIN"] < LEAST_OWN * len(letters) or _is_unlike(
            accented, scripts, encoding
        ):
            return 1.0
        if scripts["CYRILLIC"] * 2 > len(accented):
            small = "".join(accented).lower()
            odd += min(sum(c not in alphabet for c in small) for alphabet in _CYRILLIC)
    elif encoding not in _LATIN:
        return 1.0
    else:
        small = "".join(accented).lower()
        odd += min(sum(c not in alphabet for c in small) for alphabet in alphabets)
        if alphabets == [_ENGLISH] and len(accented) > max(FEW, MOST_IN_ENGLISH * len(letters)):
            odd += len(accented)
    return odd / max(1, len(beyond))


def _is_unlike(letters: list[str], scripts: Counter[str], encoding: str) -> bool:
    """Whether the letters of another script are not those that its languages use most."""
    script = scripts.most_common(1)[0][0]
    kana = scripts["HIRAGANA"] + scripts["KATAKANA"] + scripts["KATAKANA-HIRAGANA"]
    if kana > LEAST_OWN * len(letters):
        return encoding not in _JAPANESE
    if script == "HANGUL":
        return scripts["CJK"] > 0.3 * len(letters)
    if script not in _FREQUENT:
        return script == "HALFWIDTH"
    if script in ("CYRILLIC", "GREEK") and sum(c.islower() for c in letters) < 0.3 * len(letters):
        return True  # as Hebrew in capitals
    frequent = sum(c in _FREQUENT[script] for c in "".join(letters).lower())
    return frequent < _LEAST_FREQUENT[script] * len(letters)


_JAPANESE = ("cp932", "euc_jp")
_ENGLISH = next(iter(_LANGUAGES.values()))
