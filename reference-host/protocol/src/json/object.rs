//! One level of a JSON object.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::check::Defect;
use super::read::{Fault, Kind};
use super::writer::Writer;

/// The members of one JSON object, borrowed from its text, in their order.
///
/// If a name occurs more than once, the last value wins and takes the position of the first. Member
/// names that need no unescaping are borrowed too.
#[derive(Debug, Clone, Default)]
pub struct Object<'a> {
    members: Vec<(Cow<'a, str>, &'a RawValue)>,
}

/// The text is not an object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnObject {
    /// It is JSON of another kind.
    #[error("an object is expected, not {0}")]
    Other(Kind),
    /// It is not JSON text.
    #[error(transparent)]
    Defect(#[from] Defect),
}

/// The number of members up to which duplicates are found by comparing one by one.
const FEW: usize = 16;

impl<'a> Object<'a> {
    /// Reads the members of the object `text`. The whole text is checked against the JSON grammar;
    /// depth and surrogates are left to [`check`](super::check).
    ///
    /// # Errors
    ///
    /// [`NotAnObject`] if the text is not JSON or is JSON of another kind.
    pub fn parse(text: &'a str) -> Result<Self, NotAnObject> {
        if Kind::of_text(text) != Some(Kind::Object) {
            let value: &RawValue = serde_json::from_str(text).map_err(Defect::from)?;
            return Err(NotAnObject::Other(Kind::of(value)));
        }
        let Members(mut members) = serde_json::from_str(text).map_err(Defect::from)?;
        drop_duplicates(&mut members);
        Ok(Self { members })
    }

    /// Returns the value of the member `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.members
            .iter()
            .find(|(member, _)| member == name)
            .map(|(_, value)| *value)
    }

    /// Reads the member `name` with one of the readers, such as
    /// [`string`](super::string). A missing member reads like `null`.
    ///
    /// # Errors
    ///
    /// The reader's [`Fault`], with the member's name in its path.
    pub fn required<T>(
        &self,
        name: &str,
        read: impl FnOnce(&'a RawValue) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        read(self.get(name).unwrap_or(RawValue::NULL)).map_err(|fault| fault.within(name))
    }

    /// Reads the member `name` with one of the readers if it is present.
    ///
    /// # Errors
    ///
    /// The reader's [`Fault`], with the member's name in its path.
    pub fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(&'a RawValue) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        self.get(name)
            .map(read)
            .transpose()
            .map_err(|fault| fault.within(name))
    }

    /// Removes the member `name` and returns its value.
    pub fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        let position = self.members.iter().position(|(member, _)| member == name)?;
        Some(self.members.remove(position).1)
    }

    /// Returns whether no members are left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Returns the number of members that are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Iterates over the members in their order.
    pub fn iter(&self) -> impl Iterator<Item = (Cow<'a, str>, &'a RawValue)> + '_ {
        self.members
            .iter()
            .map(|(name, value)| (name.clone(), *value))
    }

    /// Returns the members that are left as the text of one JSON object without line breaks, or
    /// `None` if none are left.
    #[must_use]
    pub fn rest_to_json(&self) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        let mut writer = Writer::new();
        writer.begin_object().members(self).end_object();
        Some(writer.into_string())
    }
}

fn drop_duplicates(members: &mut Vec<(Cow<'_, str>, &RawValue)>) {
    let mut kept = 0;
    // Names by position, once there are too many to compare one by one.
    let mut index: HashMap<String, usize> = HashMap::new();
    for position in 0..members.len() {
        let name = &members[position].0;
        let earlier = if kept <= FEW {
            members[..kept].iter().position(|(other, _)| other == name)
        } else {
            if index.is_empty() {
                index = (0..kept)
                    .map(|at| (members[at].0.to_string(), at))
                    .collect();
            }
            index.get(name.as_ref()).copied()
        };
        if let Some(earlier) = earlier {
            members[earlier].1 = members[position].1;
        } else {
            if !index.is_empty() {
                index.insert(name.to_string(), kept);
            }
            members.swap(kept, position);
            kept += 1;
        }
    }
    members.truncate(kept);
}

/// Pairs of name and value in the order of the text.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Name(name), value)) = map.next_entry()? {
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}

/// A member name, borrowed if the text has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a member name")
            }

            fn visit_borrowed_str<E: serde::de::Error>(
                self,
                name: &'de str,
            ) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer
            .deserialize_str(NameVisitor)
            .map_err(D::Error::custom)
    }
}
