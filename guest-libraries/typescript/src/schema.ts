/**
 * Schemas of arguments and results: JSON Schema, or the schema of a library that implements
 * Standard Schema and Standard JSON Schema, as zod does from 4.2. So this package imports none.
 *
 * <https://standardschema.dev>
 */

import { misfits } from "./fit.js";
import type { JsonObject } from "./json.js";

/** The part of Standard Schema that is used here. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Validation<Output> | Promise<Validation<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** The outcome of a validation. */
export type Validation<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly Issue[] };

/** One reason why a value does not fit. */
export interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The schemas of an object's members, as the official SDK takes them. */
export type Shape = { readonly [name: string]: StandardSchema };

/** A JSON Schema of an object, in the dialect 2020-12. */
export type ObjectJsonSchema = { readonly type: "object"; readonly [keyword: string]: unknown };

/** A schema of an object: of a tool's arguments, or of its structured content. */
export type ObjectSchema = Shape | StandardSchema<any, any> | ObjectJsonSchema;

/** The values that fit a schema, after its defaults and transformations. */
export type Output<S> = Values<S, "output">;

/** The values that a schema accepts, before its defaults and transformations. */
export type Input<S> = Values<S, "input">;

type Values<S, At extends Side> =
  S extends StandardSchema<infer I, infer O>
    ? At extends "input"
      ? I
      : O
    : S extends ObjectJsonSchema
      ? FromJsonSchema<S>
      : S extends Shape
        ? ShapeValues<S, At>
        : never;

/** A member is optional where its schema accepts `undefined`. */
type ShapeValues<S extends Shape, At extends Side> = Simplify<
  { [K in keyof S as undefined extends Values<S[K], At> ? never : K]: Values<S[K], At> } & {
    [K in keyof S as undefined extends Values<S[K], At> ? K : never]?: Values<S[K], At>;
  }
>;

/** Shows the members of an intersection in one type. */
export type Simplify<T> = { [K in keyof T]: T[K] };

/** The type of the values of a JSON Schema, as far as its keywords tell. */
export type FromJsonSchema<S> = S extends { readonly const: infer C }
  ? C
  : S extends { readonly enum: readonly (infer E)[] }
    ? E
    : S extends { readonly anyOf: readonly (infer A)[] }
      ? FromJsonSchema<A>
      : S extends { readonly type: "string" }
        ? string
        : S extends { readonly type: "number" | "integer" }
          ? number
          : S extends { readonly type: "boolean" }
            ? boolean
            : S extends { readonly type: "null" }
              ? null
              : S extends { readonly type: "array"; readonly items: infer I }
                ? FromJsonSchema<I>[]
                : S extends { readonly type: "array" }
                  ? unknown[]
                  : S extends { readonly type: "object"; readonly properties: infer P }
                    ? ObjectOf<P, S extends { readonly required: readonly (infer R)[] } ? R : never>
                    : S extends { readonly type: "object" }
                      ? JsonObject
                      : unknown;

type ObjectOf<P, R> = Simplify<
  { -readonly [K in keyof P as K extends R ? K : never]: FromJsonSchema<P[K]> } & {
    -readonly [K in keyof P as K extends R ? never : K]?: FromJsonSchema<P[K]>;
  }
>;

/** A schema in the form that this library works with. */
export interface Compiled {
  /** The JSON Schema, for the client. */
  readonly json: JsonObject;
  /** Checks a value, and returns it with defaults and transformations applied. */
  validate(value: unknown): Validation<unknown> | Promise<Validation<unknown>>;
}

/** The side of a schema that a client sees: values before or after transformations. */
export type Side = "input" | "output";

/** Returns whether this is a schema of a library. */
export function isStandardSchema(schema: unknown): schema is StandardSchema<any, any> {
  // A schema of ArkType is a function.
  const object = typeof schema === "object" || typeof schema === "function";
  return object && schema !== null && "~standard" in schema;
}

/** Compiles the schema of an object. `place` names it in errors. */
export function compileObject(schema: ObjectSchema, side: Side, place: string): Compiled {
  const compiled = compile(schema, side, place);
  if (compiled.json["type"] !== "object") {
    const found = JSON.stringify(compiled.json["type"] ?? null);
    throw new TypeError(`${place}: the JSON Schema has the type ${found}: expected "object"`);
  }
  return compiled;
}

function compile(schema: ObjectSchema, side: Side, place: string): Compiled {
  if (isStandardSchema(schema)) {
    return { json: jsonSchema(schema, side, place), validate: schema["~standard"].validate };
  }
  if (typeof schema !== "object" || schema === null) {
    throw new TypeError(`${place}: expected a schema, found ${typeof schema}`);
  }
  if (isShape(schema)) return compileShape(schema, side, place);
  checkDefaults(schema, place);
  // The host has checked the value against the JSON Schema, or `Tools` in a service.
  return { json: schema, validate: (value) => ({ value }) };
}

function isShape(schema: Shape | ObjectJsonSchema): schema is Shape {
  return Object.values(schema).every(isStandardSchema);
}

function compileShape(shape: Shape, side: Side, place: string): Compiled {
  const names = Object.keys(shape);
  const properties: JsonObject = {};
  for (const name of names) {
    const member = jsonSchema(shape[name]!, side, `${place}.${name}`);
    if (JSON.stringify(member).includes('"$ref"')) {
      throw new TypeError(
        `${place}.${name}: refers to itself: use z.object(...) for the whole schema`,
      );
    }
    properties[name] = member;
  }
  const required = names.filter((name) => !acceptsAbsence(shape[name]!));
  return {
    json: { type: "object", properties, ...(required.length > 0 && { required }) },
    validate: (value) => validateShape(shape, value),
  };
}

/** Returns whether a member may be absent. */
export function acceptsAbsence(schema: StandardSchema): boolean {
  const outcome = schema["~standard"].validate(undefined);
  return !(outcome instanceof Promise) && !outcome.issues;
}

async function validateShape(shape: Shape, value: unknown): Promise<Validation<JsonObject>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { issues: [{ message: "an object is expected" }] };
  }
  const result: JsonObject = {};
  const issues: Issue[] = [];
  for (const [name, schema] of Object.entries(shape)) {
    const member = Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined;
    const outcome = await schema["~standard"].validate(member);
    if (outcome.issues) {
      issues.push(...outcome.issues.map((it) => ({ ...it, path: [name, ...(it.path ?? [])] })));
    } else if (outcome.value !== undefined) {
      result[name] = outcome.value;
    }
  }
  return issues.length > 0 ? { issues } : { value: result };
}

/** Standard JSON Schema, which zod has from 4.2. */
interface WithJsonSchema {
  readonly jsonSchema?: Record<Side, (options: { target: "draft-2020-12" }) => JsonObject>;
}

/** Returns the JSON Schema of a library's schema. */
export function jsonSchema(schema: StandardSchema, side: Side, place: string): JsonObject {
  const standard: StandardSchema["~standard"] & WithJsonSchema = schema["~standard"];
  if (!standard.jsonSchema) {
    throw new TypeError(
      `${place}: the schema of ${standard.vendor} has no JSON Schema: use zod 4.2 or later (not zod/mini), or a JSON Schema`,
    );
  }
  // The dialect is the one that MCP supposes.
  const { $schema: _, ...json } = standard.jsonSchema[side]({ target: "draft-2020-12" });
  checkDefaults(json, place);
  return json;
}

/** Refuses defaults that do not fit their schema: libraries do not check them. */
function checkDefaults(schema: unknown, place: string): void {
  if (typeof schema !== "object" || schema === null) return;
  const { default: value, properties, items, anyOf } = schema as JsonObject;
  const issues = value === undefined ? [] : misfits(value, schema);
  if (issues.length > 0) {
    throw new TypeError(`${place}: the default does not fit: ${issueText(issues)}`);
  }
  for (const [name, member] of Object.entries(properties ?? {})) {
    checkDefaults(member, `${place}.${name}`);
  }
  for (const member of [items, anyOf].flat()) checkDefaults(member, place);
}

/** Returns the issues as one sentence: `name: expected a string; age: too small`. */
export function issueText(issues: readonly Issue[]): string {
  const texts = issues.map((issue) => {
    const keys = pathOf(issue);
    return keys.length > 0 ? `${keys.join(".")}: ${issue.message}` : issue.message;
  });
  return texts.join("; ");
}

/** Returns the names that lead to the place of an issue. */
export function pathOf({ path }: Issue): string[] {
  return (path ?? []).map((it) => String(typeof it === "object" ? it.key : it));
}
