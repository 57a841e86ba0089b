"""llama.cpp's own server (OpenAI routes) on loopback, from the `xllamacpp` wheel.

usage: python -m tests.model.server MODEL.gguf [--key SECRET]
Prints the address when it listens; ready when GET /health answers 200; stop it with SIGTERM.
"""

import argparse
import os
import signal
import threading

import xllamacpp


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--key", default="")
    options = parser.parse_args()
    params = xllamacpp.CommonParams()
    params.model.path = options.model
    params.model_alias = {"local"}
    params.hostnames = ["127.0.0.1"]
    params.port = 0  # the system chooses a free one
    params.n_ctx = 4096
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = min(2, os.cpu_count() or 1)
    params.n_gpu_layers = 0
    if options.key:
        params.api_keys = [options.key]
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)  # noqa: T201  # whoever started it reads this
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    os._exit(0)  # destroying the server waits for requests that nobody reads any more


if __name__ == "__main__":
    main()
