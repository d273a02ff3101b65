//! Definitions that are distinguished by their member `type`.

use super::Record;
use crate::json::{self, Fault, Object};

/// The member that distinguishes definitions.
pub(super) const TAG: &str = "type";

/// A record whose member `type` has one fixed value.
pub(super) trait Tagged: Record {
    /// The value of `type`.
    const TAG: &'static str;

    /// The expected `type` in an error message.
    const EXPECTED_TAG: &'static str;
}

/// Takes the member `type` and checks that it is the record's.
pub(super) fn take_tag<R: Tagged>(object: &mut Object<'_>) -> Result<(), Fault> {
    let is_own = object
        .take(TAG)
        .and_then(|value| json::string(value).ok())
        .is_some_and(|tag| tag == R::TAG);
    if is_own {
        Ok(())
    } else {
        Err(Fault::new(R::EXPECTED_TAG).within(TAG))
    }
}

/// Returns whether this object's `type` is the record's.
pub(super) fn has_tag<R: Tagged>(object: &Object<'_>) -> bool {
    object
        .get(TAG)
        .and_then(|value| json::string(value).ok())
        .is_some_and(|tag| tag == R::TAG)
}

/// An open variant of [`Tagged`] records: an object of another `type` is the case `Other`.
macro_rules! tagged {
    ($( $variant:ident { $( $case:ident($record:ident), )* } )*) => {$(
        impl $crate::wire::ToJson for $variant {
            fn write(
                &self,
                writer: &mut $crate::json::Writer,
            ) -> Result<(), $crate::json::Fault> {
                match self {
                    $( Self::$case(record) => record.write(writer), )*
                    Self::Other(text) => $crate::wire::open::write_tagged(
                        text,
                        &[$( <$record as $crate::wire::tagged::Tagged>::TAG, )*],
                        writer,
                    ),
                }
            }
        }

        impl $crate::wire::FromJson for $variant {
            const EXPECTED: &'static str = "an object";

            fn read(value: &$crate::json::RawValue) -> Result<Self, $crate::json::Fault> {
                let object = $crate::json::object(value)?;
                $(
                    if $crate::wire::tagged::has_tag::<$record>(&object) {
                        return <$record as $crate::wire::Record>::from_object(object)
                            .map(Self::$case);
                    }
                )*
                $crate::wire::open::read_tagged(value, &object).map(Self::Other)
            }
        }

        #[cfg(test)]
        impl $crate::wire::tests::generate::Generate for $variant {
            fn strategy() -> proptest::strategy::BoxedStrategy<Self> {
                use proptest::strategy::Strategy as _;
                proptest::prop_oneof![
                    $( <$record as $crate::wire::tests::generate::Generate>::strategy()
                        .prop_map(Self::$case), )*
                    $crate::wire::tests::generate::other_kind().prop_map(Self::Other),
                ]
                .boxed()
            }
        }
    )*};
}

pub(super) use tagged;
