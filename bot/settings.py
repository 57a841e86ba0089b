"""Every setting, once. Each is an environment variable or a line in `.env`; see `.env.example`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from platformdirs import user_data_path
from pydantic import (
    AliasChoices,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from index.errors import SettingsInvalid


class WriterChoice(StrEnum):
    AUTO = "auto"
    EXTRACTIVE = "extractive"
    LLM = "llm"


class LogFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


def _or_none(value: object) -> object:
    return None if isinstance(value, str) and value.strip().lower() == "none" else value


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="IBID_", env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    home: Path = Field(default_factory=lambda: user_data_path("ibid"))
    writer: WriterChoice = WriterChoice.AUTO
    fallback: bool = True
    passages: Annotated[int, Field(ge=1, le=20)] = 5
    old_after: Annotated[int, Field(ge=0, le=100_000)] = 365

    model: str = "gpt-4o-mini"
    temperature: Annotated[float | None, BeforeValidator(_or_none)] = 0.0
    timeout: Annotated[float, Field(gt=0, le=600)] = 30
    deadline: Annotated[float, Field(gt=0, le=840)] = 60
    openai_api_key: SecretStr | None = Field(default=None, validation_alias=AliasChoices("OPENAI_API_KEY"))
    openai_base_url: str | None = Field(default=None, validation_alias=AliasChoices("OPENAI_BASE_URL"))

    discord_token: SecretStr | None = Field(default=None, validation_alias=AliasChoices("DISCORD_TOKEN"))
    message_content: bool = False
    refresh_hours: Annotated[float, Field(ge=0, le=8_760)] = 0
    metrics_port: Annotated[int | None, Field(ge=0, le=65_535)] = None
    log: LogFormat = LogFormat.TEXT

    contact: Annotated[str | None, Field(pattern=r"^[!-'*-\[\]-~]{1,200}$")] = None
    embedding: str = "minilm"
    embedding_folder: Path | None = None

    @field_validator("embedding")
    @classmethod
    def _names_an_embedding(cls, value: str) -> str:
        kind, _, model = value.partition(":")
        if value != "minilm" and not (kind in ("fastembed", "openai") and model):
            raise ValueError("minilm, fastembed:MODEL or openai:MODEL")
        return value

    @field_validator("home")
    @classmethod
    def _is_absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def has_model(self) -> bool:
        return self.openai_api_key is not None or self.openai_base_url is not None

    @property
    def key(self) -> str:
        """The key to send; servers on one's own machine want none, but the client wants one."""
        return self.openai_api_key.get_secret_value() if self.openai_api_key else "none"

    @classmethod
    def load(cls) -> Self:
        """Read the environment and `.env`. Raises SettingsInvalid, naming the first bad setting."""
        try:
            return cls()
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0])
            variable = name if name.isupper() else f"IBID_{name.upper()}"
            message = first["msg"].removeprefix("Value error, ")
            raise SettingsInvalid(f"{variable} cannot be {str(first['input'])!r}: {message}.") from None
        except UnicodeDecodeError:
            raise SettingsInvalid("The file .env is not UTF-8 text; save it as UTF-8.") from None
