"""A real language model behind a real server, and the real command line in a process of its own.

IBID_TEST_GGUF names the model's file; without it a small one is fetched into models/.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FETCH = ROOT.parent / "shared" / "tools" / "llm" / "get_model.py"
KEY = "sk-local-5ecret"


@pytest.fixture(scope="session")
def gguf() -> Path:
    if named := os.environ.get("IBID_TEST_GGUF"):
        return Path(named)
    path = ROOT / "models" / "qwen-0.5b.gguf"
    if not path.exists():
        if not FETCH.exists():
            pytest.skip("set IBID_TEST_GGUF to the file of a small chat model")
        subprocess.run([sys.executable, FETCH, "0.5b", path], check=True)
    return path


@dataclass
class Server:
    process: subprocess.Popen[str]
    url: str

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)


def serve(gguf: Path) -> Server:
    command = [sys.executable, "-m", "tests.model.server", str(gguf), "--key", KEY]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout
    address = process.stdout.readline().strip()
    process.stdout.close()
    url = address if address.startswith("http") else f"http://{address}"
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=5):
                return Server(process, f"{url}/v1")
        except OSError:
            assert process.poll() is None, "the model's server ended"
            time.sleep(0.1)
    process.kill()
    pytest.fail("the model's server did not get ready")


@pytest.fixture(scope="session")
def server(gguf: Path) -> Iterator[Server]:
    running = serve(gguf)
    yield running
    running.stop()


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.out)
        return parsed


Ibid = Callable[..., Ran]


@pytest.fixture(scope="session")
def ibid(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Ibid:
    """Run `ibid` against the model, in one home for all tests; keywords are settings."""
    home = tmp_path_factory.mktemp("home")

    def call(*arguments: str, stdin: str = "", **settings: str) -> Ran:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("IBID_", "OPENAI_"))
        }
        environment |= {
            "IBID_HOME": str(home),
            "IBID_MODEL": "local",
            "IBID_PASSAGES": "2",  # a small machine reads 50 to 120 tokens a second
            "IBID_TIMEOUT": "250",
            "IBID_DEADLINE": "300",
            "OPENAI_BASE_URL": server.url,
            "OPENAI_API_KEY": KEY,
            "PYTHONPATH": str(ROOT),
            **settings,
        }
        command = [sys.executable, "-c", "from bot.cli import main; main()", *arguments]
        ran = subprocess.run(command, env=environment, input=stdin, capture_output=True, text=True, cwd=home)
        assert KEY not in ran.stdout + ran.stderr
        assert "Traceback" not in ran.stderr
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    return call
