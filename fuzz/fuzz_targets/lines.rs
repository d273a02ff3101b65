//! The line reader of the stdio transport.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| wasi_mcp_host::fuzzing::lines(input));
