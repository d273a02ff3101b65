//! `wasi:random`

pub fn draw() -> u64 {
    wasip2::random::random::get_random_u64()
}
