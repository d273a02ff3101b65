//! Requests over HTTP: fields, bodies, messages, sessions.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| wasi_mcp_host::fuzzing::exchanges(input));
