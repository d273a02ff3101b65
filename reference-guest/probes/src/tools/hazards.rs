//! Calls that end their instance, or take more than their share.

use std::hint::black_box;

use super::{Call, Entry, Outcome};
use crate::report::text_result;

pub const ENTRIES: &[Entry] = &[
    Entry::new("trap", |_| {
        Box::pin(async { core::arch::wasm32::unreachable() })
    }),
    Entry::new("exit", |_| Box::pin(async { std::process::exit(3) })),
    Entry::new("overflow", |_| {
        Box::pin(async { Ok(text_result(depth(0).to_string())) })
    }),
    Entry::new("spin", |_| Box::pin(spin())),
    Entry::new("eat-memory", |_| Box::pin(eat_memory())),
    Entry::new("trap-later", |call| Box::pin(trap_later(call))),
];

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

/// Until the host refuses more, which ends the instance, or the address space is used up.
async fn eat_memory() -> Outcome {
    let mut eaten: Vec<Vec<u8>> = Vec::new();
    loop {
        eaten.push(vec![1; 1 << 24]);
        black_box(&eaten);
    }
}

/// Traps when no call is under way, where a component can go on in the background.
#[cfg(all(feature = "p3", not(feature = "blocking")))]
async fn trap_later(_call: Call) -> Outcome {
    crate::host::spawn(async {
        crate::edge::sleep(30).await;
        core::arch::wasm32::unreachable();
    });
    Ok(text_result("Later"))
}

#[cfg(any(feature = "p2", feature = "blocking"))]
async fn trap_later(_call: Call) -> Outcome {
    Ok(text_result(
        "Nothing goes on in the background of this component",
    ))
}
