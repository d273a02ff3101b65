//! Finding out what a server that nobody here wrote can do: its lists,
//! arguments for its tools, its templates, and how each tool behaves.

pub mod arguments;
pub mod behaviour;
pub mod conduct;
pub mod further;
pub mod listing;
pub mod survey;
pub mod templates;
pub mod unanswered;
pub mod uses;
pub mod values;

pub use conduct::Conduct;
pub use survey::Survey;
pub use unanswered::Unanswered;
