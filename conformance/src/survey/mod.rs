//! Finding out what a server that nobody here wrote can do: its lists,
//! arguments for its tools, its templates, and how each tool behaves.

pub mod behaviour;
pub mod conduct;
pub mod further;
pub mod listing;
mod make;
pub mod record;
pub mod templates;
mod tools;
pub mod unanswered;
pub mod uses;
pub mod values;

pub use conduct::Conduct;
pub use record::{MOST_BROKEN, Survey, ToolCall, Use, texts_of};
pub use unanswered::Unanswered;
