//! `wasi:random`

pub fn draw() -> u64 {
    wasip3::random::random::get_random_u64()
}
