"""What somebody wrote -> a question that can be searched and understood alone.

Without a model the rules are simple and show their hand. Courtesies ("hey, can you tell me") hide what
is asked for, so they are taken off. A question that points back is asked together with the last
question that did not. The person sees what is left, and so does the search.
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

_EMOJI = "\u2600-\u27bf\ufe0f\U0001f300-\U0001faff"
_PAUSE = rf"\s*(?:[,!;…{_EMOJI}]|\.(?!\w)|\s[-–—](?=\s))[\s,.!;…{_EMOJI}]*"
_YOU = r"(?: (?:there|all|again|everyone|everybody|guys|folks|bot|@?ibid|@\w+))?\b"
_HELLO = rf"(?:hi|hiya|hello|hey|howdy|greetings|good (?:morning|afternoon|evening|day)){_YOU}"
_THANKS = (
    r"(?:(?:many |no )?thanks|(?:no )?thank you|thx|ty|cheers)"
    r"(?: (?:very much|so much|a lot|a million|in advance))?"
    rf"(?: for (?:that|this|(?:the|your) (?:answer|help)))?{_YOU}"
)
_NOTED = (
    r"(?:ok|okay|(?:good|great|nice|excellent)(?: (?:answer|job|one|work))?|cool|perfect|awesome|wow"
    rf"|sure|right|fine|got it|i see|well done|understood|noted|much appreciated){_YOU}"
)
_BYE = rf"(?:yes|yeah|yep|no|nope|lol|(?:good)?bye|good night|see you){_YOU}"
_PLEASE = r"(?:please|pls|plz)\b"
_CAN_YOU = rf"(?:can|could|would|will) you(?: {_PLEASE}| kindly)?"
_TELL_ME = (
    rf"(?:(?:{_CAN_YOU} )?(?:tell (?:me|us)|explain(?: to me)?|let me know)|{_CAN_YOU} say"
    r"|do you (?:happen to )?know|does any(?:one|body) know"
    r"|i(?:['’]?d| would) (?:like|love) to know|i (?:want|wanted|need) to know"
    r"|i wonder|i(?:['’]m| am| was) wondering)\b"
)
_WHO = r"(?:who|whom|whose|what|which|when|where|why|how)\b"
_CLAUSE = rf"(?:(?:(?:at|by|for|from|in|of|on|since|to|until|with) )?{_WHO}|(?:about|if|whether)\b)"
_ORDER = r"(?:tell (?:me|us)|explain|describe|list|name|give|show|summari[sz]e|compare)\b"
_DOES = r"(?:(?:do|does|did|can|could|will|would|should|is it|(?:is|are|was|were) there)\b)"

_ASKS = re.compile(rf"{_WHO}|{_ORDER}|{_TELL_ME}|{_DOES}", re.IGNORECASE)
_COURTESY = re.compile(
    rf"(?P<call>(?:{_HELLO}|{_THANKS}|{_NOTED}|{_PLEASE}){_PAUSE}|(?:so|well|now),\s*"
    r"|@ibid\s+|@?ibid[,:]\s*|@\w+[,:]\s+)"
    rf"|(?:{_HELLO}|{_PLEASE}|ok(?:ay)?(?: so)?)\s+"
    rf"|(?P<request>{_TELL_ME}[,:]?\s+(?={_CLAUSE})|{_CAN_YOU}\s+(?={_ORDER}))",
    re.IGNORECASE,
)
"""One courtesy in front. A call ("Hello,") stands off from what follows; "hello" may be its subject."""
_FAREWELL = re.compile(
    rf"(?<!\bsay)(?<!\bsaid)(?<!\bto)(?<![\s?,.!;…{_EMOJI}])"
    rf"(?:(?:{_PAUSE}|\s*\?[\s?,.!{_EMOJI}]*)(?:and )?(?:{_THANKS}|{_PLEASE})|(?P<bare>\s+{_PLEASE}))"
    rf"[\s,.!?…{_EMOJI}]*$",
    re.IGNORECASE,
)
_PLEASED = re.compile(rf"\b(?:whom?|which)\b.*\b{_DOES}", re.IGNORECASE)
"""Where a last "please" may be the verb: "Whom did the strike please?\""""
_SMALL_TALK = re.compile(rf"\b(?:{_HELLO}|{_THANKS}|{_NOTED}|{_BYE})|[{_EMOJI}]", re.IGNORECASE)


def is_courtesy(text: str) -> bool:
    """Whether the whole text is thanks, a greeting or an acknowledgement, and asks for nothing."""
    rest = _SMALL_TALK.sub("", text)
    return rest != text and not re.search(r"[\w?]", rest)


def points_back(question: str) -> bool:
    """Whether the question leans on what was asked before."""
    return bool(
        _OPENERS.match(question)
        or len(question.split()) < FEWEST_WORDS
        or _POINTS_BACK.search(_NOT_A_POINTER.sub(" ", question))
    )


def standalone(question: str, history: Sequence[str]) -> str:
    """The question without its courtesies; where it points back, led by the one that it points to."""
    if is_courtesy(question):
        return question
    asked = [earlier for earlier in history if not is_courtesy(earlier)]
    plain = _plain(question)
    if not asked or not _leans(question):
        return plain
    lead = _plain(next((earlier for earlier in reversed(asked) if not _leans(earlier)), asked[0]))
    return plain if lead == plain else f"{lead} {plain}"


def _leans(question: str) -> bool:
    """Whether it points back without its courtesies; "Tell me about Gwadar" is as long as it was."""
    plain = _plain(question)
    topic = plain != question and plain.lower().startswith("about ")
    return points_back(f"tell me {plain}" if topic else plain)


def _plain(question: str) -> str:
    """The question without the courtesies around it; as it is where there are none."""
    while (shorter := _without_farewell(_without_opening(question))) != question:
        question = shorter
    return question


def _without_opening(text: str) -> str:
    """Without as many courtesies in front as leave something that asks."""
    start = len(text) - len(text.lstrip(" \t\n,:;"))
    start = end = start if text[:start].strip() and start < len(text) else 0
    while courtesy := _COURTESY.match(text, end):
        end = courtesy.end()
        asks = courtesy["request"] or _ASKS.match(text, end)
        if asks or (courtesy["call"] and text[end:].rstrip().endswith("?")):
            start = end
    return text[start:] if re.search(r"\w", text[start:]) else text


def _without_farewell(text: str) -> str:
    farewell = _FAREWELL.search(text)
    rest = text[: farewell.start()] if farewell else ""
    if not farewell or not re.search(r"\w", rest) or (farewell["bare"] and _PLEASED.search(rest)):
        return text
    return f"{rest}?" if "?" in farewell[0] else rest
