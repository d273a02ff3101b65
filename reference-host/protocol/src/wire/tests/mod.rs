//! The mapping, tested from outside: a table of all types with an example of each ([`table`]) and
//! invariants that hold for every one of them.

mod cases;
mod examples;
mod exchange;
mod faults;
pub(super) mod generate;
mod mutation;
mod official;
mod open;
mod passing_on;
mod round_trip;
mod schema;
mod table;
mod wit;
