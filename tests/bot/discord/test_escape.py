"""Whatever stands in a title or a quotation, Discord shows it as text (H3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord.escape import escaped, plain, shortened, target


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("a](https://evil.example) b", r"a\](https:\//evil.example) b"),
        ("[click](<https://evil.example>)", r"\[click\](\<https:\//evil.example\>)"),
        ("`code` and ```block```", r"\`code\` and \`\`\`block\`\`\`"),
        ("</cmd:1> <#1> <@1> <@&1> <t:1> <:x:1>", r"\</cmd:1\> \<#1\> \<@1\> \<@&1\> \<t:1\> \<:x:1\>"),
        ("**bold** __under__ ~~gone~~ ||hidden||", r"\*\*bold\*\* \_\_under\_\_ \~\~gone\~\~ \|\|hidden\|\|"),
        ("# heading", r"\# heading"),
        ("-# small", r"\-# small"),
        ("> quote", r"\> quote"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("two\n\n# lines", "two # lines"),
        ("right\u202eto left", "rightto left"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("nul\x00 and \x1b[31m", r"nul and \[31m"),
        ("@everyone @here", "@\u200beveryone @\u200bhere"),
        (r"back\slash", r"back\\slash"),
    ],
)
def test_a_hostile_text_is_shown_as_text(hostile: str, shown: str) -> None:
    assert escaped(hostile) == shown


MARKS = st.text(alphabet=r"ab\*_~|`<>[]()#@:/-. " + "\n\u202e\u200b1", max_size=60)


@given(MARKS)
def test_every_mark_stands_behind_a_backslash(text: str) -> None:
    shown = escaped(text)
    at = 0
    while at < len(shown):
        if shown[at] == "\\":
            at += 2
            continue
        assert shown[at] not in "*_~|`<>[]\n\u202e"
        at += 1
    assert "://" not in shown


@given(MARKS, st.integers(3, 40))
def test_a_cut_leaves_no_backslash_to_escape_what_follows(text: str, limit: int) -> None:
    cut = shortened(escaped(text), limit)
    assert len(cut) <= limit
    assert not cut.endswith("\\…")


def test_plain_text_keeps_what_letters_and_emoji_need() -> None:
    assert plain("👩\u200d🔬 می\u200cخواهم") == "👩\u200d🔬 می\u200cخواهم"


def test_a_target_cannot_end_its_link_early() -> None:
    assert target("https://a.example/x(1)>?q=\\") == "<https://a.example/x%281%29%3E?q=%5C>"
