/** The functions of WASI that the library uses. */

declare module "wasi:clocks/monotonic-clock" {
  /** WASI 0.2 alone. */
  export const subscribeDuration:
    undefined | ((when: number | bigint) => import("wasi:io/poll").Pollable);
  /** WASI 0.3 alone. */
  export const waitFor: undefined | ((howLong: number | bigint) => Promise<void>);
}

declare module "wasi:io/poll" {
  export interface Pollable {
    block(): void;
  }
}

declare module "wasi:cli/stderr" {
  export function getStderr(): { blockingWriteAndFlush(contents: Uint8Array): void };
}
