//! `wasi:cli/environment`

use wasip3::cli::environment;

pub fn variables() -> Vec<(String, String)> {
    environment::get_environment()
}

pub fn arguments() -> Vec<String> {
    environment::get_arguments()
}
