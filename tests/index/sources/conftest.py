from collections.abc import Iterator

import pytest

from tests.index.sources.server import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Server()) as server:
        yield server
