//! Discovery of the features of an unknown server: its lists, arguments for its tools, its
//! templates, and the behaviour of each tool.

pub mod behaviour;
pub mod conduct;
pub mod further;
mod guesses;
pub mod listing;
mod make;
pub mod record;
pub mod templates;
mod tools;
pub mod unanswered;
pub mod uses;
pub mod values;

pub use conduct::Conduct;
pub use record::{MAX_BROKEN, Survey, ToolCall, Use, texts_of};
pub use unanswered::Unanswered;
