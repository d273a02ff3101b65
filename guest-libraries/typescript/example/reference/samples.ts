/** Minimal valid data, and members that are set on every kind of object. */

import { JsonText } from "@wasi-mcp/guest";
import type { ContentBlock, Role } from "@wasi-mcp/guest";

/** A picture of one pixel, `image/png`. */
export const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
/** A millisecond of silence, `audio/wav`. */
export const SILENCE = "UklGRiwAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQgAAACAgICAgICAgA==";

/** `_meta` with a key of our own and a number that JavaScript cannot represent. */
export const META = new JsonText('{"example.org/revision": 9007199254740993}');

/** A member that the interface does not name. */
export const EXTRA = { "x-reference": { kept: 1.1 } };

/** Annotations with every member. */
export const ANNOTATIONS = {
  audience: ["user", "assistant"] as Role[],
  priority: 0.25,
  lastModified: "2025-06-18T12:00:00Z",
};

export function text(text: string): ContentBlock {
  return { type: "text", text };
}

export const IMAGE: ContentBlock = { type: "image", data: PIXEL, mimeType: "image/png" };
export const AUDIO: ContentBlock = { type: "audio", data: SILENCE, mimeType: "audio/wav" };

export function embedded(uri: string, mimeType: string, text: string): ContentBlock {
  return { type: "resource", resource: { uri, mimeType, text } };
}

/** Returns every kind of content block, with every optional member set. */
export function everyKind(): ContentBlock[] {
  const common = { annotations: ANNOTATIONS, _meta: META, ...EXTRA };
  return [
    {
      type: "text",
      text: 'Some text with "quotes", a \\, a line\nbreak, and ünïcödé 🦀.',
      ...common,
    },
    { type: "image", data: PIXEL, mimeType: "image/png", ...common },
    { type: "audio", data: SILENCE, mimeType: "audio/wav", ...common },
    {
      type: "resource_link",
      uri: "test://static-text",
      name: "static-text",
      title: "Static text",
      description: "A link to a resource of this server.",
      mimeType: "text/plain",
      size: 48,
      ...common,
    },
    {
      type: "resource",
      resource: {
        uri: "test://embedded-resource",
        mimeType: "text/plain",
        text: "This is an embedded resource content.",
        _meta: META,
        ...EXTRA,
      },
      ...common,
    },
    {
      type: "resource",
      resource: {
        uri: "test://static-binary",
        mimeType: "image/png",
        blob: PIXEL,
        _meta: META,
        ...EXTRA,
      },
      ...common,
    },
  ];
}
