"""Builds what was planned, in a process of its own."""

import shutil

from pydantic import SecretStr

from bot.curation.jobs import Building, Progress, Say, State
from bot.curation.planning import ARTICLES
from bot.curation.plans import Kind, Plan
from bot.curation.staging import articles_path, delete, plan_path
from bot.settings import Settings
from index.builder import Builder, Change
from index.errors import BuildFailed, InputRejected, UnknownArticle
from index.library import Library
from index.lock import building
from index.metadata import mended


def build(job: Building, say: Say) -> Change:
    """Do what was planned, in one new generation. Raises what `Builder.add` raises, or InputRejected."""
    library = Library(job.library)
    if job.origin is None or not library.is_new():
        return _changed(library, job, say)
    with building(job.library.parent):
        beginning = job.library.with_name("beginning")
        try:
            first = _copy(Library(job.origin), Library(beginning))
            change = _changed(first, job, say)
            first.close()
            if change.added or change.updated or change.removed:
                delete(job.library)  # it holds nothing that was published
                beginning.rename(job.library)
        except OSError as error:
            raise BuildFailed(
                f"The articles could not be copied ({error}); make room in {job.library.parent}."
            ) from None
        finally:
            delete(beginning)
    return change


def _changed(library: Library, job: Building, say: Say) -> Change:
    from bot import opening  # 0.6 s

    builder = Builder(library, opening.embedder(_settings(job)))
    laid = Plan.model_validate_json(plan_path(job.folder).read_bytes())
    if laid.removed:
        try:
            return builder.remove([entry.id for entry in laid.removed])
        except UnknownArticle:
            raise InputRejected("It is gone already; somebody else removed it.") from None

    def report(title: str, done: int, total: int) -> None:
        state = State.CHECKING if done == total else State.EMBEDDING
        say(Progress(state=state, title=title, done=done, total=total))

    if laid.kind is Kind.EDIT:
        (entry,) = laid.updated
        try:
            return builder.edit(entry.id, report, **mended(laid.typed))
        except UnknownArticle:
            raise InputRejected("It is gone; somebody else removed it.") from None
    articles = ARTICLES.validate_json(articles_path(job.folder).read_bytes())
    return builder.add(articles, report)


def _copy(origin: Library, copy: Library) -> Library:
    """Fill a library with what another one holds now. Raises IndexMissing, OSError."""
    delete(copy.folder)  # of an attempt that was killed
    generation_id = origin.current_id()
    shutil.copytree(origin.generations / generation_id, copy.generations / generation_id)
    copy.publish(generation_id)
    return copy


def _settings(job: Building) -> Settings:
    """Neither the environment nor `.env` has a say in these."""
    return Settings.model_construct(
        home=job.folder,
        embedding=job.embedding,
        embedding_folder=job.embedding_folder,
        openai_api_key=SecretStr(job.key) if job.key else None,
        openai_base_url=job.base_url,
        timeout=job.timeout,
    )
