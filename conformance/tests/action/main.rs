//! The GitHub Action: its steps are run here as a runner would run them.
#![cfg(unix)]

mod definition;
mod install;
mod judge;
mod stage;
