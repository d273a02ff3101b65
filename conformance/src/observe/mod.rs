//! What all messages of all sessions show: the evidence on which checks rest
//! that send nothing of their own.

pub mod conversation;
pub mod evidence;

pub use conversation::{Asked, Conversation};
pub use evidence::{Evidence, Part, Sighting};
