//! What is measured, one file a part.

pub mod calls;
