"""Every word that the bot says by itself, in one place. `{names}` are filled in where it is said."""

from dataclasses import dataclass, field

from bot.answer import Reason, Verdict
from bot.record.feedback import CitationVerdict
from bot.record.guilds import Language


@dataclass(frozen=True)
class Texts:
    """English; another language is another instance."""

    # An answer
    sources: str = "Sources"
    nearest: str = "The nearest passages, which are **not an answer**:"
    partial: str = "*(supported in part)*"
    writing: str = "writing …"
    understood: str = "Understood as: {question}"
    quoted_instead: str = "The language model could not be had, so this is quoted from the articles."
    cut_off: str = "The language model broke off here."
    withheld: str = "{count} withheld: not borne out by what it cites."
    withheld_many: str = "{count} withheld: not borne out by what they cite."
    statement: str = "1 statement"
    statements: str = "{n} statements"
    undated: str = "undated"
    goes_on: str = "-# The answer goes on in the next message."
    thread_hint: str = "-# Ask on here: reply to me or mention me."
    thread_hint_content: str = "-# Ask on here; every message in this thread is a question to me."
    cannot_read: str = "I can read only messages that mention me or reply to me. Please do one of these."
    reasons: dict[Reason, str] = field(
        default_factory=lambda: {
            Reason.NOTHING_RETRIEVED: "There is no article here that could be searched.",
            Reason.PASSAGES_DO_NOT_ANSWER: "The articles do not answer this.",
            Reason.NOT_SUPPORTED: "The articles do not support what the model wrote, so it is not shown.",
            Reason.MODEL_UNAVAILABLE: "The language model could not be had, so there is no answer.",
        }
    )

    # Buttons
    share: str = "Share"
    open_article: str = "Open article"
    shared: str = "{name} asked and shares this answer:"
    already_shared: str = "This answer was shared already."
    thanks: str = "Thank you; noted."
    noted: str = "Noted. Thank you."
    what_went_wrong: str = "What went wrong?"
    what_went_wrong_label: str = "In your words, if you like"
    what_went_wrong_hint: str = "Seen by the moderators of this server, without your name."
    forgotten: str = "This answer is no longer kept."
    not_yours: str = "This answer belongs to somebody else."
    cited: str = "Citation {n} of {total}"
    near: str = "Nearest passage {n} of {total}, **not an answer**"
    changed: str = "The article was changed or removed since; this is what was cited."
    your_verdict: str = "You said: {verdict}"
    verdicts: dict[CitationVerdict, str] = field(
        default_factory=lambda: {
            CitationVerdict.SUPPORTS: "supports",
            CitationVerdict.DOES_NOT: "does not",
            CitationVerdict.WRONG_PASSAGE: "wrong passage",
        }
    )
    no_sources: str = "This answer has no sources."

    # A check
    checked: str = "**Checked against the articles**"
    check_verdicts: dict[Verdict, str] = field(
        default_factory=lambda: {
            Verdict.SUPPORTED: "✓ supported",
            Verdict.CONTRADICTED: "✗ contradicted",
            Verdict.NOT_MENTIONED: "– not mentioned",
        }
    )
    nothing_to_check: str = "That message holds no sentence that could be checked."
    checked_first: str = "-# Only the first {n} sentences were checked."

    # Refusals; all are private
    wait: str = "You asked a moment ago; ask again {when}."
    channel_busy: str = "There are many questions in this channel just now; ask again {when}."
    budget_spent: str = "The questions of the day are used up; ask again {when}."
    busy: str = "Too many people are asking at the moment; try again in a minute."
    restarting: str = "I am about to restart; ask again in a minute."
    too_long: str = "This took too long, so I gave up. Try again, or ask more narrowly."
    wrong_channel: str = "I do not answer in this channel. Try {channels}."
    wrong_channel_anywhere: str = "I do not answer in this channel."
    not_an_asker: str = "Asking is kept to some roles on this server; a moderator can tell you which."
    not_a_curator: str = "This is for those who manage the server or curate its articles."
    not_a_manager: str = "This is for those who manage the server."
    servers_only: str = "This works in a server only."
    broken: str = "Something went wrong on my side; it was noted. Try again in a minute."
    undelivered: str = "The answer could not be delivered here. Please ask again."
    ask_something: str = "Ask me a question, for example: {example}"
    example: str = "/ask question: Who visited Moscow?"

    # Articles
    articles: str = "**What can be asked about** ({count})"
    article_count: str = "1 article"
    articles_count: str = "{n} articles"
    no_articles: str = "There are no articles here yet. Whoever manages the server can add some: /library add"
    page: str = "Page {n} of {total}"
    no_such_article: str = "There is no article {article} here; /articles lists them."
    sections: str = "Sections"
    tags: str = "Tags"
    length: str = "{words} words"

    # Help
    help: str = """\
**Ask the articles.** Every sentence of an answer shows where it stands.
- `/ask` a question, or mention me with it. Reply to an answer to ask on.
- **[1]** leads to the quoted words; **Sources** shows them inside their paragraph, where you can say \
whether they bear the sentence out.
- 👍 👎 tell the moderators what helped; questions without an answer are collected for them.
- In a message's menu, *Apps* › *Check against the articles* tells what of it the articles support.
- `/articles` lists what can be asked about. What it does not say, I do not say.
- `/forget me` deletes what is kept of you: your questions, their answers, your votes and verdicts."""
    forgot: str = (
        "Deleted: {answers} of your questions with their answers, {votes} votes, {verdicts} verdicts. "
        "Messages that were posted stay until somebody deletes them. When you asked is kept for one day, "
        "without what, because it counts towards the limits."
    )


ENGLISH = Texts()
_LANGUAGES = {Language.ENGLISH: ENGLISH}


def texts(language: Language = Language.ENGLISH) -> Texts:
    return _LANGUAGES[language]
