"""Of a message, its words are checked, and nothing that Discord or the bot put around them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.discord.check import split
from bot.discord.escape import escaped, plain
from bot.discord.unmarked import claims


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<@145> <@!145> <@&7> <#9> Khan spoke.", "Khan spoke."),
        ("Use </ask:12> or </library add:34> now.", "Use or now."),
        ("@everyone @here Khan spoke; write to me@here.example.", "Khan spoke; write to me@here.example."),
        ("Khan <:flag:145> <a:wave:146>spoke <t:1700000000:D>.", "Khan spoke."),
        ("Khan spoke <t:1700000000> in Moscow<:x:1>today.", "Khan spoke in Moscow today."),
        ("Khan [spoke [1]", "Khan [spoke"),
        ("Khan [spoke](https://a.example/44) [[1]](<https://a.example/#:~:text=44>) [2].", "Khan spoke."),
        (r"Khan [spoke \[sic\]](<https://a.example> 'title 44').", "Khan spoke [sic]."),
        ("In [2024](https://a.example) Khan spoke.", "In 2024 Khan spoke."),
        ("See https://a.example/44_(x)?q=1. Khan spoke.", "See. Khan spoke."),
        ("Khan spoke (https://a.example/44), <https://a.example/45_> he did.", "Khan spoke, he did."),
        ("**Khan** *spoke* __in__ _all_ ~~old~~ ||Moscow||.", "Khan spoke in all old Moscow."),
        ("***Khan*** **https://a.example/44** _**spoke**_.", "Khan spoke."),
        ("`Khan` ``spoke `of` it`` `a*b*c` snake_case_name", "Khan spoke `of` it a*b*c snake_case_name"),
        ("Khan spoke.\n```py\nx = 44\n```\nHe left.", "Khan spoke.\n\n\n\nHe left."),
        ("> Khan spoke.\n>>> **He** left.", "Khan spoke.\nHe left."),
        ("# Khan\n- spoke\n  - often\n1. in Moscow\n-# there", "Khan spoke often in Moscow there"),
        (
            r"\*Khan\* \<@1\> 2\. \_spoke\_ \[1\] https:\//a.example",
            "*Khan* <@1> 2. _spoke_ [1] https://a.example",
        ),
        ("5 * 3 and 4 * 2 is 2*3 or 3*2, a_b_c", "5 * 3 and 4 * 2 is 2*3 or 3*2, a_b_c"),
    ],
)
def test_markup_is_taken_off_and_the_words_stay(content: str, words: str) -> None:
    said = claims(content, own=False)
    if content.startswith("# "):
        said = " ".join(said.split())
    assert said == words


def test_items_and_headings_are_sentences_of_their_own() -> None:
    said = claims("# The visit\nKhan spoke.\n- He met Putin\n- He flew home", own=False)
    assert split(said) == ["The visit", "Khan spoke.", "He met Putin", "He flew home"]


def test_questions_claim_nothing() -> None:
    said = claims("Who spoke? Khan spoke. “Did he?” **Really?!** He left.", own=False)
    assert split(said) == ["Khan spoke.", "He left."]


def test_of_an_answer_of_the_bot_only_the_statements_are_left() -> None:
    content = (
        "**alice** asked and shares this answer:\n> Who spoke in 1999\n\n"
        r"Khan \*spoke\*. [[1]](<https://a.example/44>) [2] *(supported in part)*"
        "\nHe left [3]\n\n-# [1] [2] Title 44 · 3 May 2024\n-# Understood as: Who?"
    )
    assert split(claims(content, own=True)) == ["Khan *spoke*.", "He left"]
    decline = "**The articles do not answer this.**\n-# The nearest:\n> “A passage of 44.”\n> -# Title"
    assert claims(decline, own=True) == ""
    assert "44" in claims(decline, own=False)


MARKS = r"ab1\*_~|`<>[]()#@:/-. t?h" + "\n\u200b\U000f002a\U000f0080"


@given(st.text(MARKS, max_size=80), st.booleans())
def test_no_message_is_too_strange(content: str, own: bool) -> None:
    assert split(claims(content, own=own)) is not None


WORDS = st.lists(st.from_regex(r"[A-Za-zäй한][A-Za-zäй한0-9'’-]{0,8}[.,;:!?]?", fullmatch=True), min_size=1)


@given(WORDS, st.booleans())
def test_plain_text_stays_as_it_is(words: list[str], own: bool) -> None:
    assert claims(" ".join(words), own=own) == " ".join(words)


@given(st.text(MARKS, max_size=80) | st.text(max_size=80), st.booleans())
@example("say @everyone and @here [1] <@1>", True)
def test_what_the_bot_escaped_is_read_as_it_was(text: str, own: bool) -> None:
    assert claims(escaped(text), own=own) == plain(text)
