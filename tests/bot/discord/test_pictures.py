"""The pages that people see, in a real browser."""

from pathlib import Path

import pytest

from tests.bot.discord import pictures


@pytest.mark.slow
@pytest.mark.skipif(not pictures.is_possible(), reason="Debian's chromium is not installed")
@pytest.mark.parametrize("scene", pictures.SCENES)
async def test_every_scene_can_be_shown(home: Path, tmp_path: Path, scene: str) -> None:
    picture = await pictures.shoot(home, scene, tmp_path / "scene.png")
    assert picture.width > 800
    assert picture.height > 120
    colours = picture.getcolors(1 << 24)
    assert colours
    assert len(colours) > 50
