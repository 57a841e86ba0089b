"""A follow-up -> a question that can be understood alone.

Without a model the rule is simple and shows its hand: a question that points back is asked together
with the last question that did not. The person sees both, and so does the search.
"""

import re
from collections.abc import Sequence

_OPENERS = re.compile(
    r"(and|but|so|or|also|then|what about|how about|what else|who else|where else|why not)\b",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"\b(it|its|they|them|their|theirs|he|him|his|she|her|hers|this|these|those|ones?|there"
    r"|the (?:former|latter|same|others?)"
    r"|(?:is|was|are|were|do|does|did|about|of|after|before|since|by|for|to|at|on|with) that)\b",
    re.IGNORECASE,
)
_NOT_A_POINTER = re.compile(
    r"\b(?:is|are|was|were|be|been|will|has|have) there\b|\bthere (?:is|are|was|were)\b",
    re.IGNORECASE,
)
FEWEST_WORDS = 3
"""A question of fewer words ("Why?", "Since when?") says too little to be asked alone."""


def points_back(question: str) -> bool:
    """Whether the question leans on what was asked before."""
    return bool(
        _OPENERS.match(question)
        or len(question.split()) < FEWEST_WORDS
        or _POINTS_BACK.search(_NOT_A_POINTER.sub(" ", question))
    )


def standalone(question: str, history: Sequence[str]) -> str:
    """The question itself, or, where it points back, led by the question that it points to."""
    if not history or not points_back(question):
        return question
    earlier = next((asked for asked in reversed(history) if not points_back(asked)), history[0])
    return question if earlier == question else f"{earlier} {question}"
