//! JSON text, and the mapping between it and records.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use wasi_mcp_host::protocol::json;
use wasi_mcp_host::protocol::wire::{self, MAX_DEPTH};
use wasi_mcp_types::content::{
    CallToolParams, CallToolResult, ContentBlock, ImageContent, TextContent,
};

use super::{CALL, PARAMS};

/// Checking text.
pub fn json(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("json");
    let large = format!("[{}{CALL}]", format!("{CALL},").repeat(5000));
    for (name, text) in [("check a call", CALL), ("check 1 MB", &large)] {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| json::check(black_box(text.as_bytes()), MAX_DEPTH).map(str::len));
        });
    }
    group.finish();
}

/// Reading parameters, writing results.
pub fn wire(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("wire");
    group.bench_function("read the parameters of a call", |bencher| {
        bencher.iter(|| wire::from_json::<CallToolParams>(black_box(PARAMS.as_bytes())));
    });
    let text = |text: String| {
        ContentBlock::Text(TextContent {
            text,
            annotations: None,
            meta: None,
            extra: None,
        })
    };
    let binary = ContentBlock::Image(ImageContent {
        data: vec![0x5a; 16 << 20],
        mime_type: "image/png".to_owned(),
        annotations: None,
        meta: None,
        extra: None,
    });
    for (name, content) in [
        ("write a result of 100 bytes", text("x".repeat(100))),
        ("write a result of 1 MiB of text", text("x".repeat(1 << 20))),
        ("write a result of 16 MiB of binary data", binary),
    ] {
        let result = CallToolResult {
            content: vec![content],
            structured_content: None,
            is_error: None,
            meta: None,
            extra: None,
        };
        group.bench_function(name, |bencher| {
            bencher.iter(|| wire::to_json(black_box(&result)));
        });
    }
    group.finish();
}
