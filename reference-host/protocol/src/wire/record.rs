//! Records: objects with named members.

use super::{FromJson, ToJson};
use crate::json::{Fault, Object, Writer};

/// A record of the WIT packages, an object in JSON.
pub trait Record: ToJson + FromJson {
    /// The names that the record gives to members, in the order in which they are written. Members
    /// of `extra` with these names are not written.
    const MEMBERS: &'static [&'static str];

    /// Reads the record from a parsed object.
    ///
    /// # Errors
    ///
    /// As [`FromJson::read`].
    fn from_object(object: Object<'_>) -> Result<Self, Fault>;

    /// Writes the members into an open object.
    ///
    /// # Errors
    ///
    /// As [`ToJson::write`].
    fn write_members(&self, writer: &mut Writer) -> Result<(), Fault>;
}

/// The table of a record, from which both directions are generated.
///
/// ```text
/// record! {
///     TextContent tagged "text" {      // the member `type`, where the definition has a fixed one
///         text: String,                // field, codec
///         meta => "_meta": Option<JsonObject>,   // field, member name where they differ
///         ..extra                      // where the record has it
///     }
/// }
/// ```
///
/// `without "name"` excludes a member that would turn the object into another definition's, or that
/// is handled elsewhere, like `_meta` of a request: it is neither taken from `extra` nor put there.
macro_rules! record {
    ($(
        $(#[$attribute:meta])*
        $record:ident $(tagged $tag:literal)? $(without $without:literal)? {
            $( $field:ident $(=> $member:literal)? : $codec:ty, )*
            $( ..$extra:ident )?
        }
    )*) => {$(
        $(#[$attribute])*
        impl $crate::wire::record::Record for $record {
            const MEMBERS: &'static [&'static str] = &[
                $( $crate::wire::record::member!(type => $tag), )?
                $( $crate::wire::record::member!($field $(=> $member)?), )*
                $( $without, )?
            ];

            fn from_object(
                mut object: $crate::json::Object<'_>,
            ) -> Result<Self, $crate::json::Fault> {
                $(
                    let _: &str = $tag;
                    $crate::wire::tagged::take_tag::<Self>(&mut object)?;
                )?
                $( object.take($without); )?
                $(
                    let $field = <$codec as $crate::wire::codec::Codec>::read_member(
                        &mut object,
                        $crate::wire::record::member!($field $(=> $member)?),
                    )?;
                )*
                Ok(Self {
                    $( $field, )*
                    $( $extra: object.rest_to_json(), )?
                })
            }

            fn write_members(
                &self,
                writer: &mut $crate::json::Writer,
            ) -> Result<(), $crate::json::Fault> {
                $( writer.key($crate::wire::tagged::TAG).string($tag); )?
                $(
                    <$codec as $crate::wire::codec::Codec>::write_member(
                        &self.$field,
                        $crate::wire::record::member!($field $(=> $member)?),
                        writer,
                    )?;
                )*
                $(
                    $crate::wire::codec::write_extra(
                        self.$extra.as_deref(),
                        <Self as $crate::wire::record::Record>::MEMBERS,
                        writer,
                    )?;
                )?
                Ok(())
            }
        }

        $crate::wire::record::object!($record);

        $(
            impl $crate::wire::tagged::Tagged for $record {
                const TAG: &'static str = $tag;
                const EXPECTED_TAG: &'static str = concat!("`", $tag, "`");
            }
        )?

        #[cfg(test)]
        impl $crate::wire::tests::generate::Generate for $record {
            fn strategy() -> proptest::strategy::BoxedStrategy<Self> {
                use proptest::strategy::Strategy as _;
                (
                    $( <$codec as $crate::wire::tests::generate::Generate>::strategy(), )*
                    $( $crate::wire::tests::generate::extra(stringify!($extra)), )?
                )
                    .prop_map(|( $( $field, )* $( $extra, )? )| Self {
                        $( $field, )*
                        $( $extra, )?
                    })
                    .boxed()
            }
        }
    )*};
}

/// The name of a member: an explicit one, or the field's.
macro_rules! member {
    (type => $tag:literal) => {
        $crate::wire::tagged::TAG
    };
    ($field:ident => $member:literal) => {
        $member
    };
    ($field:ident) => {
        stringify!($field)
    };
}

/// A [`Record`] as an object of its own.
macro_rules! object {
    ($record:ident) => {
        impl $crate::wire::ToJson for $record {
            fn write(&self, writer: &mut $crate::json::Writer) -> Result<(), $crate::json::Fault> {
                writer.begin_object();
                $crate::wire::record::Record::write_members(self, writer)?;
                writer.end_object();
                Ok(())
            }
        }

        impl $crate::wire::FromJson for $record {
            const EXPECTED: &'static str = "an object";

            fn read(value: &$crate::json::RawValue) -> Result<Self, $crate::json::Fault> {
                <Self as $crate::wire::record::Record>::from_object($crate::json::object(value)?)
            }
        }
    };
}

pub(super) use {member, object, record};
