//! The cursors of a joined list: a cursor of one side, and which side.

use wasi_mcp_types::types::Error;

use crate::service::invalid_params;

/// A page of a joined list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A page of the left side; `None` is the first one.
    Left(Option<String>),
    /// A further page of the right side.
    Right(String),
}

impl Place {
    /// Reads a cursor. The side checks its own part.
    pub(crate) fn read(cursor: Option<String>) -> Result<Self, Error> {
        let Some(mut cursor) = cursor else {
            return Ok(Self::Left(None));
        };
        let is_left = cursor.starts_with('l');
        if !is_left && !cursor.starts_with('r') {
            return Err(invalid_params("`cursor`: no cursor of this list"));
        }
        let inner = cursor.split_off(1);
        Ok(if is_left {
            Self::Left(Some(inner))
        } else {
            Self::Right(inner)
        })
    }
}

pub(crate) fn left(inner: &str) -> String {
    format!("l{inner}")
}

pub(crate) fn right(inner: &str) -> String {
    format!("r{inner}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back() {
        let read = |cursor| Place::read(Some(cursor)).unwrap();
        assert_eq!(read(left("x")), Place::Left(Some("x".to_owned())));
        assert_eq!(read(right("")), Place::Right(String::new()));
        assert_eq!(read(left(&right("ü"))), Place::Left(Some("rü".to_owned())));
        assert_eq!(Place::read(None).unwrap(), Place::Left(None));
        for foreign in ["", "x", "ü", "L"] {
            assert!(Place::read(Some(foreign.to_owned())).is_err(), "{foreign}");
        }
    }
}
