/** The client's roots. A server that uses this imports `wasi:mcp/roots`. */

import * as roots from "wasi:mcp/roots";

import type { ListRootsResult, Meta } from "./content.js";
import { request } from "./errors.js";
import type { Extra } from "./extra.js";
import { jsonText } from "./json.js";
import * as records from "./records.js";

/** Requests the folders and files that the client lets the server work in: `roots/list`. */
export async function listRoots(extra: Extra, meta?: Meta): Promise<ListRootsResult> {
  const text = meta === undefined ? null : jsonText(meta);
  const result = await request(() => roots.listRoots(extra.context, text));
  return records.listRootsResult.decode(result);
}
