// Reads members of JSON objects whose types nobody has promised. Each reader returns what it names or
// throws WireError with the member's name; where a `fallback` is given, absent and null yield that.

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** The other side said something that its format does not allow. */
export class WireError extends Error {
  override name = "WireError";
}

/** A text that must be a JSON object. */
export function parse(text: string): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    throw new WireError("not JSON");
  }
  if (!isObject(value)) throw new WireError("not a JSON object");
  return value;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function string(from: JsonObject, key: string, fallback?: string): string {
  const value = from[key] ?? fallback;
  if (typeof value !== "string") throw new WireError(`${key}: not a string`);
  return value;
}

export function number(from: JsonObject, key: string, fallback?: number): number {
  const value = from[key] ?? fallback;
  if (typeof value !== "number") throw new WireError(`${key}: not a number`);
  return value;
}

export function numberOrNull(from: JsonObject, key: string): number | null {
  return (from[key] ?? null) === null ? null : number(from, key);
}

export function integer(from: JsonObject, key: string, fallback?: number): number {
  const value = number(from, key, fallback);
  if (!Number.isSafeInteger(value)) throw new WireError(`${key}: not an integer`);
  return value;
}

export function boolean(from: JsonObject, key: string, fallback?: boolean): boolean {
  const value = from[key] ?? fallback;
  if (typeof value !== "boolean") throw new WireError(`${key}: not a boolean`);
  return value;
}

export function object(from: JsonObject, key: string): JsonObject {
  const value = from[key];
  if (!isObject(value)) throw new WireError(`${key}: not an object`);
  return value;
}

export function objectOrNull(from: JsonObject, key: string): JsonObject | null {
  return (from[key] ?? null) === null ? null : object(from, key);
}

export function objects(from: JsonObject, key: string, fallback?: JsonObject[]): JsonObject[] {
  const value = from[key] ?? fallback;
  if (!Array.isArray(value) || !value.every(isObject)) {
    throw new WireError(`${key}: not an array of objects`);
  }
  return value;
}

export function strings(from: JsonObject, key: string, fallback?: string[]): string[] {
  const value = from[key] ?? fallback;
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
    throw new WireError(`${key}: not an array of strings`);
  }
  return value;
}
