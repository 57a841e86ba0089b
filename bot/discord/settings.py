from bot.discord.app import Ibid


async def setup(bot: Ibid) -> None: ...
