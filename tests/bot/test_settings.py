import re
from pathlib import Path

import pytest

from bot.settings import Settings
from index.errors import SettingsInvalid

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def test_every_setting_is_explained_in_the_example_and_no_other() -> None:
    explained = set(re.findall(r"^#([A-Z_]+)=", EXAMPLE.read_text("utf-8"), re.MULTILINE))
    known = {
        name.upper() if name.startswith(("openai", "discord")) else f"IBID_{name.upper()}"
        for name in Settings.model_fields
    }
    assert explained == known


def test_the_example_gives_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = re.findall(r"^#([A-Z_]+=.+)$", EXAMPLE.read_text("utf-8"), re.MULTILINE)
    (tmp_path / ".env").write_text("\n".join(line for line in lines if not line.startswith("OPENAI_")))
    monkeypatch.chdir(tmp_path)
    given = Settings.load()
    monkeypatch.chdir("/")
    assert given == Settings.load()


def test_a_temperature_can_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IBID_TEMPERATURE", "none")
    assert Settings.load().temperature is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IBID_WRITER", "poet"),
        ("IBID_PASSAGES", "0"),
        ("IBID_DEADLINE", "never"),
        ("IBID_EMBEDDING", "openai:"),
        ("IBID_FALLBACK", "perhaps"),
    ],
)
def test_a_bad_value_is_refused_by_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid, match=f"^{name} cannot be {value!r}: [^\n]+$"):
        Settings.load()


def test_the_key_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    settings = Settings.load()
    assert settings.key == "sk-secret"
    assert "sk-secret" not in repr(settings)
