//! Tools that crash their instance, or exceed its limits.

use std::hint::black_box;

use serde::Deserialize;
use serde_json::json;

use super::entry::{Call, Entry, Outcome, arguments, no_arguments};
use crate::content::text_result;

pub fn entries() -> Vec<Entry> {
    vec![
        Entry::new(
            "trap",
            "Executes an instruction that traps.",
            no_arguments(),
            |_| Box::pin(async { core::arch::wasm32::unreachable() }),
        )
        .destructive(),
        Entry::new(
            "panic",
            "Panics, which writes to stderr and traps.",
            no_arguments(),
            |_| Box::pin(async { panic!("The reference guest was asked to panic") }),
        )
        .destructive(),
        Entry::new(
            "exit",
            "Leaves the instance through the exit function of WASI.",
            arguments(
                json!({ "status": { "type": "integer", "minimum": 0, "maximum": 255 } }),
                &[],
            ),
            |call| Box::pin(exit(call)),
        )
        .destructive(),
        Entry::new(
            "spin",
            "Computes for ever, and never gives way.",
            no_arguments(),
            |_| Box::pin(spin()),
        )
        .destructive(),
        Entry::new(
            "recurse",
            "Calls itself until the stack is used up.",
            no_arguments(),
            |_| Box::pin(async { Ok(text_result(depth(0).to_string())) }),
        )
        .destructive(),
        Entry::new(
            "allocate",
            "Takes memory, and gives it back before it answers.",
            arguments(
                json!({ "megabytes": { "type": "integer", "minimum": 0, "maximum": 4096 } }),
                &["megabytes"],
            ),
            |call| Box::pin(allocate(call)),
        )
        .destructive(),
    ]
}

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    status: i32,
}

async fn exit(call: Call) -> Outcome {
    let Status { status } = call.arguments.parse()?;
    std::process::exit(status)
}

async fn spin() -> Outcome {
    let mut turns = 0_u32;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

fn depth(from: u64) -> u64 {
    let frame = black_box([from; 32]);
    if black_box(true) {
        depth(frame[0] + 1) + black_box(frame)[31]
    } else {
        from
    }
}

#[derive(Deserialize)]
struct Memory {
    megabytes: usize,
}

async fn allocate(call: Call) -> Outcome {
    let Memory { megabytes } = call.arguments.parse()?;
    let blocks: Vec<Vec<u8>> = (0..megabytes).map(|_| vec![1; 1 << 20]).collect();
    let megabytes = black_box(&blocks).len();
    Ok(text_result(format!("Took {megabytes} MB")))
}
