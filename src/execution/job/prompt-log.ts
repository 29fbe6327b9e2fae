import type { LogWriter } from '#stores/logs/log-store.ts';

/**
 * A log whose lines can be read, and survive this process, as soon as the loop has come round once: what a step printed
 * before its engine was killed is what explains the kill. Lines that arrive together are still written together.
 */
export function openPromptLog(writer: LogWriter): LogWriter {
  let scheduled: NodeJS.Immediate | undefined;
  let failure: { readonly cause: unknown } | undefined;
  const settle = (): void => {
    clearImmediate(scheduled);
    scheduled = undefined;
    // A write that failed behind everybody's back is told to whoever writes next.
    if (failure) throw failure.cause;
  };
  return {
    append: (batch) => {
      if (failure) throw failure.cause;
      writer.append(batch);
      scheduled ??= setImmediate(() => {
        scheduled = undefined;
        try {
          writer.flush();
        } catch (cause) {
          failure = { cause };
        }
      });
    },
    flush: () => {
      settle();
      writer.flush();
    },
    end: () => {
      settle();
      return writer.end();
    },
  };
}
