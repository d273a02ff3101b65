//! The measurements, one file per part.

pub mod active;
pub mod calls;
pub mod growth;
pub mod lists;
pub mod payload;
pub mod sessions;
pub mod start;
pub mod streams;
