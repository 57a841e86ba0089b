"""Every word that the bot says by itself, in one place. `{names}` are filled in where it is said."""

from dataclasses import dataclass, field

from bot.answer import Reason, Verdict
from bot.check import Criterion
from bot.curation import Kind, Known, State, Why
from bot.record.feedback import CitationVerdict
from bot.record.guilds import Language
from bot.since import Since

Counted = tuple[str, str]
"""For one, and for any other number `{n}`."""


def counted(forms: Counted, n: int) -> str:
    one, more = forms
    return one if n == 1 else more.format(n=f"{n:,}")


@dataclass(frozen=True)
class Texts:
    """English; another language is another instance."""

    # An answer
    sources: str = "Sources"
    nearest_passages: str = "Passages"
    nearest: str = "The nearest passages, which are **not an answer**:"
    partial: str = "*(supported in part)*"
    writing: str = "writing …"
    understood: str = "Understood as: {question}"
    quoted_instead: str = "The language model gave no usable reply, so this is quoted from the articles."
    cut_off: str = "The language model broke off here."
    withheld: Counted = (
        "1 statement withheld: not borne out by what it cites.",
        "{n} statements withheld: not borne out by what they cite.",
    )
    undated: str = "undated"
    guessed: str = "{day} (a guess)"
    on_page: str = "p. {n}"
    on_pages: str = "pp. {n}"
    old: str = "{age} old"
    also_in: str = "also in: {places}"
    and_more: str = "and {n} more"
    thread_hint: str = "-# Ask here: mention me, or press “Follow up” below an answer."
    thread_hint_content: str = "-# Ask here: every message in this thread is a question to me."
    cannot_read: str = (
        "Discord shows me only what mentions me. Put {me} into your message, or press “Follow up” below an "
        "answer."
    )
    reasons: dict[Reason, str] = field(
        default_factory=lambda: {
            Reason.NOTHING_RETRIEVED: "There is no article here that could be searched.",
            Reason.PASSAGES_DO_NOT_ANSWER: "The articles do not answer this.",
            Reason.NOT_SUPPORTED: "The articles do not support what the model wrote, so it is not shown.",
            Reason.MODEL_UNAVAILABLE: "The language model gave no usable reply, so there is no answer.",
        }
    )

    # Buttons
    follow_up: str = "Follow up"
    follow_up_label: str = "Your next question"
    follow_up_hint: str = "It may point back, as “And when?” does."
    share: str = "Share"
    open_article: str = "Open article"
    shared: str = "{name} asked and shares this answer:"
    already_shared: str = "This answer was shared already."
    thanks: str = "Thank you, your 👍 is noted."
    noted: str = "Thank you, this is noted."
    what_went_wrong: str = "What went wrong?"
    what_went_wrong_label: str = "In your words, if you like"
    what_went_wrong_hint: str = "Seen by the moderators of this server, without your name."
    what_went_wrong_hint_direct: str = "Seen by whoever runs this bot, without your name."
    not_noted: str = "This was not kept: you took your 👎 back before."
    forgotten: str = "This answer is no longer kept."
    not_yours: str = "This answer belongs to somebody else."
    cited: str = "Citation {n} of {total}"
    near: str = "Nearest passage {n} of {total}, **not an answer**"
    since: dict[Since, str] = field(
        default_factory=lambda: {
            Since.SAME: "",
            Since.CHANGED: "The source has changed since; the quoted words still stand in it.",
            Since.LOST: "The source has changed since; the quoted words no longer stand in it.",
            Since.GONE: "The article was removed since; this is what was cited.",
        }
    )
    your_verdict: str = "You said: {verdict}"
    verdicts: dict[CitationVerdict, str] = field(
        default_factory=lambda: {
            CitationVerdict.SUPPORTS: "supports",
            CitationVerdict.DOES_NOT: "does not support",
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
    check_reasons: dict[Criterion, str] = field(
        default_factory=lambda: {
            Criterion.CITATIONS: "No single passage of the articles says it.",
            Criterion.NUMBERS: "The articles have another number than {detail}.",
            Criterion.DATES: "The articles do not say it of {detail}.",
            Criterion.NAMES: "The articles do not say it of {detail}.",
            Criterion.NEGATION: "One says it, the other denies it.",
            Criterion.MEANING: "The articles say only a part of it.",
        }
    )
    nothing_to_check: str = "That message holds no sentence that could be checked."
    checked_first: str = "-# Only the first {n} sentences were checked."

    # Refusals; all are private
    wait: str = "You asked a lot just now; try again {when}."
    channel_busy: str = "There are many questions in this channel just now; try again {when}."
    budget_spent: str = "This server's questions for today are used up; try again {when}."
    own_budget_spent: str = "Your questions for today are used up; try again {when}."
    busy: str = "Too many people are asking at the moment; try again in a minute."
    restarting: str = "I am about to restart; ask again in a minute."
    too_long: str = "This took too long, so I gave up. Try again, or ask more narrowly."
    wrong_channel: str = "I answer in some channels of this server only, and this is none of them."
    not_an_asker: str = "Asking is kept to some roles on this server; a moderator can tell you which."
    not_a_curator: str = "This is for those who manage the server or curate its articles."
    not_a_manager: str = "This is for those who manage the server."
    servers_only: str = "This works in a server only."
    broken: str = "Something went wrong on my side; it was noted. Try again in a minute."
    ask_something: str = "Ask me a question, for example: {example}"
    example: str = "/ask question: Who visited Moscow?"

    # Articles
    articles: str = "**What can be asked about** ({count})"
    article_count: Counted = ("1 article", "{n} articles")
    no_articles: str = "There are no articles here yet. Whoever manages the server can add some: /library add"
    page: str = "Page {n} of {total}"
    no_such_article: str = "There is no article {article} here; /articles lists them."
    sections: str = "Sections"
    tags: str = "Tags"
    length: str = "{words} words"

    # Help
    help: str = """\
**Ask the articles, and see where each sentence of the answer comes from.**
- `/ask` a question, or mention me with it. **Follow up** below an answer follows it up.
- **Sources** shows the quoted sentences inside their paragraphs. There you can say whether they \
support the answer. Where an article has an address, **[1]** leads to the quoted words.
- 👍 👎 tell the moderators what helped. They also see, without names, which questions found no answer.
- In a message's menu, *Apps* › *Check against the articles* tells what of it the articles support.
- `/articles` lists what can be asked about. What the articles do not say, I do not say.
- `/forget me` deletes what is kept of you: your questions, their answers, your votes and verdicts."""
    forgot: str = (
        "Deleted: {questions}, {votes}, {verdicts}. Messages that were posted stay until somebody deletes "
        "them. When you asked is kept for one day, without what, because it counts towards the limits."
    )
    nothing_kept: str = "Nothing is kept of you."
    questions_forgotten: Counted = ("1 question with its answer", "{n} questions with their answers")
    votes_forgotten: Counted = ("1 vote", "{n} votes")
    verdicts_forgotten: Counted = ("1 verdict", "{n} verdicts")

    # Settings
    settings_title: str = "## Settings"
    settings: dict[str, str] = field(
        default_factory=lambda: {
            "channels": "Where I answer",
            "askers": "Who may ask",
            "curators": "Who may change the articles",
            "threads": "A thread for each question",
            "private": "Private by default",
            "own_library": "Articles",
            "limits": "Limits",
            "language": "Language",
        }
    )
    setting_hints: dict[str, str] = field(
        default_factory=lambda: {
            "curators": (
                "Discord itself also has to let these roles use /library and /gaps: "
                "Server Settings › Integrations."
            ),
            "threads": "Follow-ups are asked in the thread. Private answers have none.",
            "private": (
                "Only the asker sees an answer to /ask, unless they say otherwise. "
                "Mentions and replies are answered for everyone."
            ),
            "language": "Of what I say myself; answers are in the words of the articles.",
        }
    )
    everywhere: str = "everywhere"
    everyone: str = "everyone"
    askers: str = "{roles}, and those who manage the server"
    curators: str = "{roles}, and those who manage the server"
    no_curators: str = "only those who manage the server"
    on: str = "on"
    off: str = "off"
    turn_on: str = "Turn on"
    turn_off: str = "Turn off"
    own_library: str = "those of this server"
    shared_library: str = "those that all servers share"
    use_own: str = "Use our own"
    use_shared: str = "Use the shared ones"
    no_own_library: str = "This server has no articles of its own yet; /library add makes a library of them."
    change: str = "Change"
    languages: dict[Language, str] = field(default_factory=lambda: {Language.ENGLISH: "English"})
    limits_title: str = "Limits"
    limits: dict[str, str] = field(
        default_factory=lambda: {
            "cooldown": "Seconds between questions of a member",
            "channel_rate": "Questions a minute in a channel",
            "daily_budget": "Questions a day",
        }
    )
    limit_hint: str = "0 to {most}; 0 is no limit"
    limit_values: dict[str, str] = field(
        default_factory=lambda: {
            "cooldown": "{n} s between questions of a member, after the first five",
            "channel_rate": "{n} a minute in a channel",
            "daily_budget": "{n} a day",
        }
    )
    no_limit: dict[str, str] = field(
        default_factory=lambda: {
            "cooldown": "no pause between questions of a member",
            "channel_rate": "any number a minute in a channel",
            "daily_budget": "any number a day",
        }
    )
    saved: str = "✓ Saved: {what}"
    not_saved: str = "✗ Not saved: “{what}” takes a whole number from 0 to {most}, not “{typed}”."

    # Gaps
    gaps: str = "**Questions without a good answer** ({count})"
    no_gaps: str = (
        "No gaps: every question here found an answer, and nobody voted one down. "
        "What is declined or gets a 👎 will be listed here."
    )
    asked: Counted = ("asked once", "asked {n} times")
    last_asked: str = "last {when}"
    voted_down: str = "It was answered, and voted down."
    more_comments: str = "and {n} more comments in the file"
    gaps_file: str = "{total} in all, most asked first."
    gaps_file_cut: str = "The first {kept} of {total}, most asked first; there is no room for more."

    # Library
    preview: str = "Preview: nothing has changed yet."
    nothing_changes: str = "Nothing would change."
    to_add: str = "Add {what}"
    to_update: str = "Update {what}"
    to_remove: str = "Remove {what}"
    replaces: str = "{new}, in place of {old}"
    passages: Counted = ("1 passage", "{n} passages")
    size: str = "{characters} characters, about {passages}"
    size_before: str = "{characters} before"
    unchanged: str = "Unchanged: {n}"
    merged: str = "{source} has the same text as {what}; it will be noted as another place of it."
    more_changes: Counted = ("and 1 more change", "and {n} more changes")
    left_out: Counted = (
        "1 more page was not read: the time was up.",
        "{n} more pages were not read: the time was up.",
    )
    known: dict[Known, str] = field(
        default_factory=lambda: {
            Known.AUTHOR: "Author",
            Known.PUBLISHER: "Publisher",
            Known.PUBLISHED: "Date",
            Known.URL: "Address",
        }
    )
    correction: str = "{what}: {before} → {after}"
    unknown: str = "not known"
    becomes_own: str = (
        "This server reads the shared articles, which it cannot change. With this it gets a library of its "
        "own, which begins as a copy of the shared one ({articles}) and does not follow it any more."
    )
    not_read_again: dict[Why, str] = field(
        default_factory=lambda: {
            Why.UPLOADED: "uploaded; it cannot be read again. Add the new file under the same name.",
            Why.OPERATORS: "from a file of whoever runs me; only they can read it again.",
            Why.NO_TIME: "there was no time left; refresh it alone.",
        }
    )
    build: str = "Build"
    remove: str = "Remove"
    cancel: str = "Cancel"
    cancelled: str = "Cancelled; nothing has changed."
    doing: dict[Kind, str] = field(
        default_factory=lambda: {
            Kind.ADD: "Adding {what} …",
            Kind.REMOVE: "Removing {what} …",
            Kind.REFRESH: "Refreshing {what} …",
            Kind.EDIT: "Changing {what} …",
        }
    )
    done: dict[Kind, str] = field(
        default_factory=lambda: {
            Kind.ADD: "adding {what}",
            Kind.REMOVE: "removing {what}",
            Kind.REFRESH: "refreshing {what}",
            Kind.EDIT: "changing {what}",
        }
    )
    progress: dict[State, str] = field(
        default_factory=lambda: {
            State.WAITING: "Waiting for the builds of other servers",
            State.STARTING: "Starting",
            State.READING: "Reading {next} of {total}: {title}",
            State.EMBEDDING: "Embedding {bar} {done} of {total} passages",
            State.CHECKING: "Checking the new index",
        }
    )
    rate: str = "{rate} a second"
    seconds_left: str = "about {n} s left"
    minutes_left: str = "about {n} min left"
    was_added: str = "Added {what}."
    was_updated: str = "Updated {what}."
    was_removed: str = "Removed {what}."
    was_merged: str = "Noted another place of {what}."
    from_now_on: str = "Questions go by this from now on."
    has_own: str = "This server has a library of its own now."
    nothing_changed: str = "Nothing changed; somebody else did the same before."
    status_own: str = "This server has a library of its own"
    status_shared: str = "This server reads the shared articles"
    holds: str = "{articles}, {passages}"
    built: str = "Built {when}, {size}, index {generation}"
    refreshed: str = "Refreshed {when}: {updated} updated, {unchanged} unchanged"
    refreshed_not_all: str = (
        "Refreshed {when}: {updated} updated, {unchanged} unchanged, {unread} could not be read"
    )
    refresh_failed: str = (
        "The refresh {when} did not succeed; nothing was lost, and it is tried again by itself."
    )
    last_change: str = "Last change: {done}, {when}"
    last_failed: str = "The last change did not succeed: {done}, {when}. Nothing was lost; try it again."
    under_way: str = "{doing} since {when}. {progress}."
    questions_left: str = "Questions left today: {left} of {all}"
    edit_title: str = "What is known of the article"
    edit_article_title: str = "Title"
    date_hint: str = "YYYY-MM-DD, such as 2024-01-25"
    nothing_typed: str = "You left everything as it is, so nothing changes."
    typed_is_gone: str = "What you typed is no longer kept; run the command again."
    url_or_file: str = "Give me either a `url` or a `file`."
    too_large: str = "This file is larger than {size} MB; split it into articles."
    no_attachment: str = "The file could not be fetched from Discord; upload it again."
    plan_gone: str = "This preview was used up, or is older than a day; run the command again."
    shares_default: str = (
        "This server has a library of its own and reads the shared articles at the moment. "
        "Switch back in /settings, then change it."
    )
    builder_busy: str = "Somebody else is just changing these articles; try again when they are done."
    build_failed: str = (
        "The new index could not be built, so nothing has changed. Whoever runs me finds the reason in the "
        "log. Try again later."
    )
    build_interrupted: str = "I am about to restart; nothing has changed. Press the button again in a minute."
    index_unavailable: str = (
        "The articles here cannot be read at the moment, so nothing has changed. Whoever runs me finds the "
        "reason in the log."
    )
    embedding_unavailable: str = (
        "The embedding model could not be had, so nothing has changed. Try again later."
    )


ENGLISH = Texts()
_LANGUAGES = {Language.ENGLISH: ENGLISH}


def texts(language: Language = Language.ENGLISH) -> Texts:
    return _LANGUAGES[language]
