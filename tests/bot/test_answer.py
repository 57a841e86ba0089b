import pytest

from bot.answer import LONGEST_QUESTION, clean, text_fragment_link
from index.errors import InputRejected


def test_a_question_is_kept_but_for_what_cannot_be_read() -> None:
    assert clean(" Who\0 visited\n Moscow\ud800? ") == "Who visited Moscow ?"
    assert clean("من زار موسكو؟") == "من زار موسكو؟"
    assert clean("é" * LONGEST_QUESTION) == "é" * LONGEST_QUESTION


@pytest.mark.parametrize("text", ["", " \n\t", "\0\ud800", "😀 🎉", "???", "x" * (LONGEST_QUESTION + 1)])
def test_what_cannot_be_asked_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(InputRejected) as refused:
        clean(text)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "url", [None, "javascript:alert(1)", "file:///etc/passwd", "https://a b", "https://a\x1b]8"]
)
def test_what_is_no_web_address_becomes_no_link(url: str | None) -> None:
    assert text_fragment_link(url, "words") is None


def test_a_link_lands_on_the_quoted_words() -> None:
    url = "https://example.org/a?b=c#old"
    assert text_fragment_link(url, "A US-led, small force & co.") == (
        "https://example.org/a?b=c#:~:text=A%20US%2Dled%2C%20small%20force%20%26%20co."
    )
    long = "one two three four five six seven eight nine ten eleven twelve thirteen"
    assert text_fragment_link(url, long) == (
        "https://example.org/a?b=c#:~:text=one%20two%20three%20four%20five,"
        "nine%20ten%20eleven%20twelve%20thirteen"
    )
