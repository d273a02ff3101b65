//! `wasi:cli/environment`

pub fn variables() -> Vec<(String, String)> {
    std::env::vars().collect()
}

pub fn arguments() -> Vec<String> {
    std::env::args().collect()
}
