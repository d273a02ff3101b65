//! The evidence in the messages of all sessions, for checks that send nothing themselves.

pub mod conversation;
pub mod evidence;

pub use conversation::{Asked, Conversation};
pub use evidence::{Evidence, LocatedFault, Payload};
