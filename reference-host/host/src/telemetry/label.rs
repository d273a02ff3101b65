//! Counters distinguished by a label.

use std::marker::PhantomData;

use super::counter::Counter;

/// A label with few values, each known at compile time.
pub trait Label: Copy + 'static {
    /// Every value, in the order of [`Label::index`].
    const ALL: &'static [Self];

    /// Returns its text in the metrics.
    fn name(self) -> &'static str;

    /// Returns its position among all values.
    fn index(self) -> usize;
}

/// Defines a [`Label`] and the text of each of its values.
macro_rules! labels {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $crate::telemetry::Label for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)*];

            fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            fn index(self) -> usize {
                self as usize
            }
        }
    };
}
pub(super) use labels;

/// A counter for each value of a label.
#[derive(Debug)]
pub struct ByLabel<L> {
    counters: Box<[Counter]>,
    label: PhantomData<fn(L)>,
}

impl<L: Label> Default for ByLabel<L> {
    fn default() -> Self {
        Self {
            counters: L::ALL.iter().map(|_| Counter::default()).collect(),
            label: PhantomData,
        }
    }
}

impl<L: Label> ByLabel<L> {
    /// Adds one.
    pub fn increment(&self, label: L) {
        self.of(label).increment();
    }

    /// Returns the counter of one value.
    pub fn of(&self, label: L) -> &Counter {
        &self.counters[label.index()]
    }

    /// Returns the sum over all values.
    pub fn sum(&self) -> u64 {
        self.counters.iter().map(Counter::get).sum()
    }
}
