/** Makes Node.js resolve interfaces to the fakes: `node --import THIS_FILE`. */

import { register } from "node:module";

register("./resolve.js", import.meta.url);
Object.assign(globalThis, { WASI_MCP_U64: Number });
