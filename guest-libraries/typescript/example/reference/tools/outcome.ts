/** The host's answer to a call. */

import { RequestError } from "@wasi-mcp/guest";

/** Returns the code of the error, or `ok`. */
export async function outcome(call: () => unknown): Promise<string | number> {
  try {
    await call();
    return "ok";
  } catch (error) {
    if (error instanceof RequestError) return error.code;
    throw error;
  }
}
