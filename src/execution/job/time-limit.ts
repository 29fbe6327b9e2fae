/** A timer in Node counts to 2^31 - 1 ms and fires at once beyond that. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The time that a job may take. While it is held, which may be more than once at a time, it does not go on. */
export class TimeLimit implements Disposable {
  readonly #onOver: () => void;
  readonly #now: () => number;
  #leftMs: number;
  #sinceMs: number;
  #holds = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ limitMs, onOver, now }: { limitMs: number; onOver: () => void; now: () => number }) {
    this.#leftMs = limitMs;
    this.#onOver = onOver;
    this.#now = now;
    this.#sinceMs = now();
    this.#start();
  }

  hold(): Disposable {
    if (this.#holds++ === 0) {
      clearTimeout(this.#timer);
      this.#leftMs -= this.#now() - this.#sinceMs;
    }
    return {
      [Symbol.dispose]: () => {
        if (--this.#holds === 0) this.#start();
      },
    };
  }

  [Symbol.dispose](): void {
    this.#holds = Infinity;
    clearTimeout(this.#timer);
  }

  #start(): void {
    this.#sinceMs = this.#now();
    this.#timer = setTimeout(this.#onOver, Math.min(Math.max(0, this.#leftMs), LONGEST_TIMER_MS));
  }
}
