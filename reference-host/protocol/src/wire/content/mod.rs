//! `content.wit`, a file for each feature.

mod blocks;
mod completion;
mod elicitation;
mod progress;
mod prompts;
mod resources;
mod roots;
mod sampling;
mod tools;
