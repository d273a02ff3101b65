//! What is shown.

pub mod text;
