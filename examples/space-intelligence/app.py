"""
Space Intelligence, the web application.

    python app.py --port 8000 --data build/data

The same can be said in the environment: PORT, HOST, DATA_DIR, RELEASE_VERSION, RELEASE_COMMIT.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Optional

from space.serve import serve
from space.web import Application


def options(arguments: Optional[list] = None) -> argparse.Namespace:
    environment = os.environ
    parser = argparse.ArgumentParser(description="Serves the Space Intelligence dashboard.")
    parser.add_argument(
        "--port", type=int, default=int(environment.get("PORT") or 8000), help="0 picks a free one"
    )
    parser.add_argument("--host", default=environment.get("HOST") or "127.0.0.1")
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(environment.get("DATA_DIR") or "data"),
        help="directory of the delivered data sets; what is not there is read from snapshots/",
    )
    parser.add_argument("--quiet", action="store_true", help="no access log")
    return parser.parse_args(arguments)


def main() -> int:
    chosen = options()
    app = Application(
        chosen.data,
        version=os.environ.get("RELEASE_VERSION") or "0.0.0-dev",
        commit=os.environ.get("RELEASE_COMMIT") or "unknown",
        log=not chosen.quiet,
    )

    def ready(server: str, port: int) -> None:
        print(
            f"Space Intelligence {app.release['version']} listens on http://{chosen.host}:{port} "
            f"({server}, {app.found['level']})",
            flush=True,
        )

    try:
        serve(app, chosen.host, chosen.port, ready)
    except OSError as error:
        print(f"cannot listen on {chosen.host}:{chosen.port}: {error.strerror or error}", file=sys.stderr)
        return 1
    print("stopped", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
