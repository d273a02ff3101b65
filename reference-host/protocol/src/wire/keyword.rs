//! Enumerations, whose cases are keywords in JSON.

/// An enumeration of the WIT packages.
pub trait Keyword: Copy + 'static {
    /// Each case, in the order of the WIT declaration.
    const ALL: &'static [Self];

    /// Returns the specification's keyword for the case.
    fn word(self) -> &'static str;

    /// Returns the case for the specification's keyword.
    fn from_word(word: &str) -> Option<Self>;
}

/// The table of an enumeration.
macro_rules! keyword {
    ($( $name:ident { $first:ident => $first_word:literal, $( $case:ident => $word:literal, )* } )*) => {$(
        impl $crate::wire::Keyword for $name {
            const ALL: &'static [Self] = &[Self::$first, $( Self::$case, )*];

            fn word(self) -> &'static str {
                match self {
                    Self::$first => $first_word,
                    $( Self::$case => $word, )*
                }
            }

            fn from_word(word: &str) -> Option<Self> {
                match word {
                    $first_word => Some(Self::$first),
                    $( $word => Some(Self::$case), )*
                    _ => None,
                }
            }
        }

        impl $crate::wire::ToJson for $name {
            fn write(
                &self,
                writer: &mut $crate::json::Writer,
            ) -> Result<(), $crate::json::Fault> {
                writer.string($crate::wire::Keyword::word(*self));
                Ok(())
            }
        }

        impl $crate::wire::FromJson for $name {
            const EXPECTED: &'static str =
                concat!("one of `", $first_word, "`" $(, ", `", $word, "`")*);

            fn read(value: &$crate::json::RawValue) -> Result<Self, $crate::json::Fault> {
                $crate::json::string(value)
                    .ok()
                    .and_then(|word| <Self as $crate::wire::Keyword>::from_word(&word))
                    .ok_or_else(|| $crate::json::Fault::new(<Self as $crate::wire::FromJson>::EXPECTED))
            }
        }

        #[cfg(test)]
        impl $crate::wire::tests::generate::Generate for $name {
            fn strategy() -> proptest::strategy::BoxedStrategy<Self> {
                use proptest::strategy::Strategy as _;
                proptest::sample::select(<Self as $crate::wire::Keyword>::ALL).boxed()
            }
        }
    )*};
}

pub(super) use keyword;
