/** Data as JSON knows it; what expressions, events and the journal are made of. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Undefined when the text is no JSON. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isParsed(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** `JSON.parse` makes nothing else. */
function isParsed(value: unknown): value is JsonValue {
  return value !== undefined;
}
