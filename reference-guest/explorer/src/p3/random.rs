//! `wasi:random`

pub fn draw() -> u64 {
    wasip3::random::random::get_random_u64()
}

pub fn draw_insecurely() -> u64 {
    wasip3::random::insecure::get_insecure_random_u64()
}

pub fn insecure_seed() -> (u64, u64) {
    wasip3::random::insecure_seed::get_insecure_seed()
}
