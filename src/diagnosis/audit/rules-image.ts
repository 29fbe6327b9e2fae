// Habits of images.
import type { Rule } from './rule.ts';

const dockerfile = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;

export const IMAGE_HABITS = {
  AU201: {
    title: 'a container that runs as root',
    severity: 'habit',
    why: 'What breaks out of the program has the whole container, and with a mount more than that.',
    bad: { Dockerfile: dockerfile('FROM alpine:3.20', 'CMD ["nginx"]') },
    good: { Dockerfile: dockerfile('FROM alpine:3.20', 'USER app', 'CMD ["nginx"]') },
  },
  AU202: {
    title: 'a service without a health check',
    severity: 'habit',
    why: 'The engine can tell that the process is there, and not that it answers.',
    bad: { Dockerfile: dockerfile('FROM alpine:3.20', 'EXPOSE 8080', 'USER app') },
    good: {
      Dockerfile: dockerfile(
        'FROM alpine:3.20',
        'EXPOSE 8080',
        'HEALTHCHECK CMD wget -qO- localhost:8080/health',
        'USER app',
      ),
    },
  },
  AU203: {
    title: 'all files before the dependencies',
    severity: 'habit',
    why: 'A layer is built again when one before it has changed, so each change of a file installs everything again.',
    bad: { Dockerfile: dockerfile('FROM python:3.12-slim', 'COPY . .', 'RUN pip install -r requirements.txt') },
    good: {
      Dockerfile: dockerfile(
        'FROM python:3.12-slim',
        'COPY requirements.txt .',
        'RUN pip install -r requirements.txt',
        'COPY . .',
      ),
    },
  },
  AU204: {
    title: 'a build context with the repository and its secrets in it',
    severity: 'habit',
    why: 'What `COPY . .` finds is in the image for everybody who can pull it, the history of the repository and `.env` included.',
    bad: { Dockerfile: dockerfile('FROM alpine:3.20', 'COPY . .') },
    good: { Dockerfile: dockerfile('FROM alpine:3.20', 'COPY . .'), '.dockerignore': '.git\n.env\n' },
  },
  AU205: {
    title: 'package lists that stay in a layer',
    severity: 'habit',
    why: 'They are some 20 MB that a later `rm` cannot take away again.',
    bad: { Dockerfile: dockerfile('FROM debian:12', 'RUN apt-get update && apt-get install -y curl') },
    good: {
      Dockerfile: dockerfile(
        'FROM debian:12',
        'RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*',
      ),
    },
  },
  AU206: {
    title: 'a base image without a version',
    severity: 'habit',
    why: 'The next build begins with another image, and breaks without a change of yours.',
    bad: { Dockerfile: dockerfile('FROM python:latest', 'USER app') },
    good: { Dockerfile: dockerfile('FROM python:3.12-slim', 'USER app') },
  },
  AU207: {
    title: 'compilers in the image that is delivered',
    severity: 'habit',
    why: 'They make it several times as large, and are what an intruder would have to bring along otherwise.',
    bad: { Dockerfile: dockerfile('FROM debian:12', 'RUN apt-get update && apt-get install -y gcc && make') },
    good: {
      Dockerfile: dockerfile(
        'FROM debian:12 AS build',
        'RUN apt-get update && apt-get install -y gcc && make',
        'FROM debian:12',
        'COPY --from=build /app /app',
      ),
    },
  },
} as const satisfies Readonly<Record<string, Rule>>;
