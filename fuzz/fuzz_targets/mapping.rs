//! The mapping between JSON and the records of the WIT packages.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| wasi_mcp_protocol::fuzzing::mapping(input));
