"""One question from the moment it is asked on Discord to the moment its answer is there, or is not."""

import asyncio
import logging
import time
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import discord

from bot.answer import Answer, Asker, Question, clean
from bot.discord import metrics
from bot.discord.access import Place, refusal_to_ask
from bot.discord.answering import Busy
from bot.discord.app import Ibid, Refused, shown
from bot.discord.delivery import Spot, Undelivered, follow, patiently, publish
from bot.discord.logs import told
from bot.discord.render import answer_pages, when
from bot.discord.texts import Texts
from bot.record.guilds import GuildSettings
from bot.record.limits import Limit
from index.catalog import EVERYTHING
from index.errors import IbidError

log = logging.getLogger("ibid.discord")


@dataclass(frozen=True, slots=True)
class Asked:
    text: str
    asker: Asker
    words: Texts
    article: str | None = None
    """The id of the only article to use."""
    echo: bool = False
    """Whether the question is repeated above the answer."""


class Limited(Refused):
    """A limit is reached for now."""


async def admit(bot: Ibid, place: Place) -> tuple[GuildSettings, Texts]:
    """Let a question in, or raise Refused with what to tell the asker. Counts towards the limits."""
    settings, words = await bot.settings_of(place.guild)
    if why := refusal_to_ask(place, settings, words):
        metrics.REFUSED.labels("access").inc()
        raise Refused(why)
    if bot.answering.closing:
        raise Limited(words.restarting)
    now = discord.utils.utcnow()
    spend = partial(bot.budget.spend, place.guild, place.channel, place.member, settings.limits, now)
    if refusal := await asyncio.to_thread(spend):
        metrics.REFUSED.labels(refusal.limit).inc()
        said = {
            Limit.MEMBER: words.wait,
            Limit.CHANNEL: words.channel_busy,
            Limit.GUILD: words.budget_spent if place.guild else words.own_budget_spent,
        }
        # Discord shows whole seconds, and cuts off what is over.
        again = now + timedelta(seconds=refusal.wait + 1)
        raise Limited(said[refusal.limit].format(when=when(again)))
    return settings, words


async def respond(bot: Ibid, spot: Spot, asked: Asked) -> Answer | None:
    """Answer in `spot`. Whatever goes wrong ends in words there, or in the record and the log."""
    try:
        async with bot.answering.turn():
            return await _respond(bot, spot, asked)
    except Busy:
        metrics.REFUSED.labels("busy").inc()
        await _say(spot, asked.words.restarting if bot.answering.closing else asked.words.busy)
        return None


async def _respond(bot: Ibid, spot: Spot, asked: Asked) -> Answer | None:
    began = time.monotonic()
    words = asked.words
    try:
        async with asyncio.timeout(bot.settings.deadline):
            answer = await _answer(bot, spot, asked)
    except TimeoutError:
        metrics.QUESTIONS.labels("timeout").inc()
        await _say(spot, words.too_long)
        return None
    except asyncio.CancelledError:  # the bot stops and could not wait any longer
        await _say(spot, words.restarting)
        raise
    except IbidError as error:
        metrics.QUESTIONS.labels("error").inc()
        log.warning("not answered", extra={"why": told(error)})
        await _say(spot, shown(error, words))
        return None
    seconds = time.monotonic() - began
    metrics.QUESTIONS.labels(answer.reason or answer.status).inc()
    metrics.ANSWER_SECONDS.observe(seconds)
    log.info(
        answer.status,
        extra={"answer": answer.id, "reason": answer.reason, "ms": round(1000 * seconds)},
    )
    await _publish(bot, spot, asked, answer)
    return answer


async def _answer(bot: Ibid, spot: Spot, asked: Asked) -> Answer:
    text = clean(asked.text)
    desk = await asyncio.to_thread(bot.desks.of, asked.asker.guild)
    history: tuple[str, ...] = ()
    if asked.asker.conversation:
        alone = asked.asker.member if asked.asker.private or not asked.asker.guild else None
        history = await asyncio.to_thread(bot.desks.record.conversation, asked.asker.conversation, alone)
    allowed = EVERYTHING
    if asked.article:
        allowed = await asyncio.to_thread(desk.filter, (asked.article,))
    question = Question(text, history, allowed, asked.asker)
    async with aclosing(bot.answering.stream(lambda: desk.ask(question))) as parts:
        # Without a model the whole answer is there in less time than an edit takes.
        drafts = bot.settings.has_model
        return await follow(parts, spot, text if asked.echo else None, asked.words, drafts=drafts)


async def _publish(bot: Ibid, spot: Spot, asked: Asked, answer: Answer) -> None:
    pages = answer_pages(answer, asked.words, echo=asked.echo)
    # In direct messages there is nobody to share with.
    shareable = asked.asker.private and bool(asked.asker.guild)
    view = bot.buttons_below(answer, asked.words, shareable)
    record = bot.desks.record
    try:
        messages = await publish(pages, spot, view)
    except Undelivered as error:
        await _undelivered(bot, answer, str(error))
    except asyncio.CancelledError:  # Discord did not take it until the bot had to stop
        await _undelivered(bot, answer, "the bot was stopped")
        raise
    else:
        await asyncio.to_thread(record.show, answer.id, [message.id for message in messages])


async def _undelivered(bot: Ibid, answer: Answer, why: str) -> None:
    metrics.UNDELIVERED.inc()
    log.warning("undelivered", extra={"answer": answer.id, "why": why})
    await asyncio.to_thread(bot.desks.record.undelivered, answer.id, why)


async def _say(spot: Spot, text: str) -> None:
    try:
        await patiently(lambda: spot.put(text))
    except Undelivered as error:
        log.warning("undelivered", extra={"why": str(error)})
