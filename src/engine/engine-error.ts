/** Gantry itself could not go on: not a failing step, and not the pipeline's fault. Exit code 20. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}
