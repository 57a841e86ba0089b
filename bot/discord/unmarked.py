"""What a message says: its words without Discord's markup, which holds numbers and names of its own."""

import re
from string import punctuation

_ADDRESS = r"https?://(?:[^\s<>()|*]|\([^\s<>()]*\))+(?<![.,:;!?'\"\]_~])"
_TARGET = rf"(?:<https?://[^<>\s]*>|{_ADDRESS})"
_TOKENS = re.compile(
    rf"""
    (?P<block>```.*?```)
    | (?P<ticks>`{{1,2}})(?!`)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)
    | \\(?P<escaped>[{re.escape(punctuation)}])
    | (?:
        <(?:@[!&]?\d+|\#\d+|/[^<>\n]*:\d+|a?:\w+:\d+|t:-?\d+(?::\w)?|id:\w+)>  # mentions, emoji, times
        | (?<!\w)@(?:everyone|here)\b
        | \[\[?\d{{1,3}}\]?\](?:\({_TARGET}\))?                                  # footnotes
        | \({_TARGET}\) | <https?://[^<>\s]*> | {_ADDRESS}
    )
    | \[(?P<text>(?:\\.|[^\[\]\\])+)\]\({_TARGET}(?:\ ["'][^\n]*?["'])?\)
    """,
    re.VERBOSE | re.DOTALL,
)
_EMPHASIS = (
    re.compile(r"\|\|(.+?)\|\|", re.DOTALL),
    re.compile(r"~~(.+?)~~", re.DOTALL),
    re.compile(r"\*\*(.+?)\*\*(?!\*)", re.DOTALL),
    re.compile(r"__(.+?)__(?!_)", re.DOTALL),
    re.compile(r"(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])"),
    re.compile(r"(?<!\w)_(?=\S)([^_]+?)(?<=\S)_(?!\w)"),
)
_QUOTE = re.compile(r"\s*>(?:>>)?\s")
_ITEM = re.compile(r"\s*(?:-# |#{1,3} |[-*] |\d{1,3}[.)] )\s*")
_BESIDE = re.compile(r"> |-# |\*\*")
"""How lines of the bot's own begin that state nothing: the question, passages, sources, notes, declines."""
_PARTIAL = re.compile(r"\*\([^()*]*\)\*\s*$")
_SHIELD = 0xF0000
"""Private use: where the marks stand that are meant as text, until all others are gone."""
_GAP = "\U000f0080"
"""Stands where something was taken out, so that no words grow together."""
_GAPS = re.compile(rf"(?<![^\S\n])[^\S\n]*{_GAP}(?:[^\S\n]|{_GAP})*([.,;:!?])?")
_UNSHIELD = {_SHIELD + ord(mark): mark for mark in punctuation}
_UNSHIELD[0x200B] = ""  # stands in "@everyone" where it is meant as text


def claims(content: str, *, own: bool) -> str:
    """The words of a message without markup, addresses, mentions and footnotes; lists as paragraphs.

    Of the bot's own messages, the statements alone.
    """
    if own:
        lines = (line for line in content.splitlines() if not _BESIDE.match(line))
        content = "\n\n".join(_PARTIAL.sub("", line) for line in lines)
    text = "\n".join(_line(line) for line in _TOKENS.sub(_bare, content).split("\n"))
    for mark in _EMPHASIS:
        text = mark.sub(r"\1", text)
    text = _GAPS.sub(lambda gap: gap[1] or " ", text)
    return text.translate(_UNSHIELD).strip()


def _bare(token: re.Match[str]) -> str:
    if token["block"]:
        return "\n\n"
    if token["text"]:
        return _TOKENS.sub(_bare, token["text"])
    return _shielded(token["code"] or token["escaped"] or "") or _GAP


def _shielded(text: str) -> str:
    return "".join(chr(_SHIELD + ord(mark)) if mark in punctuation else mark for mark in text)


def _line(line: str) -> str:
    """A line without the marks that it begins with; an item or a heading is a paragraph of its own."""
    while quote := _QUOTE.match(line):
        line = line[quote.end() :]
    item = _ITEM.match(line)
    return f"\n{line[item.end() :]}\n" if item else line
