"""The Dockerfile without an engine: its files are there, it is not root, it checks its health."""

import json
import sys
from pathlib import Path


def problems(root):
    lines = [line.strip() for line in (root / "Dockerfile").read_text().splitlines()]
    found = []
    for number, line in enumerate(lines, 1):
        word, _, rest = line.partition(" ")
        if word == "COPY" and "--from" not in rest:
            for source in rest.split()[:-1]:
                if not (root / source).exists():
                    found.append((number, f"COPY names {source}, which is not there"))
        if word == "CMD" and rest.startswith("["):
            for part in json.loads(rest):
                if part.endswith(".py") and not (root / part).exists():
                    found.append((number, f"CMD starts {part}, which is not there"))
    words = [line.split(" ")[0] for line in lines]
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    if not users or users[-1] in ("root", "0"):
        found.append((len(lines), "the image runs as root: add a USER"))
    if "HEALTHCHECK" not in words:
        found.append((len(lines), "nothing checks the container's health: add a HEALTHCHECK"))
    return found


def main():
    found = problems(Path(__file__).resolve().parent.parent)
    for number, text in found:
        print(f"Dockerfile:{number}:1: {text}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
