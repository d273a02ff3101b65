/** Resolves `wasi:mcp/runtime` to `runtime.js` of this folder. */

import type { ResolveHook } from "node:module";

export const resolve: ResolveHook = (specifier, context, next) => {
  const [, name] = /^wasi:\w+\/([\w-]+)$/.exec(specifier) ?? [];
  return name
    ? next(new URL(`./${name}.js`, import.meta.url).href, context)
    : next(specifier, context);
};
