//! The protocol layer, by scripts of what client, component and clock do.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| wasi_mcp_protocol::fuzzing::script(input));
