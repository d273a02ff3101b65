//! The names of components in registries.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::host::Host;

/// The scheme that marks a text as a reference, whatever else it looks like.
const SCHEME: &str = "oci://";
/// The longest name of a repository.
const LONGEST_REPOSITORY: usize = 255;
/// The longest tag.
const LONGEST_TAG: usize = 128;

/// The digest of a blob: `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Digest(String);

impl Digest {
    /// Returns the digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        use std::fmt::Write as _;
        let mut text = String::from("sha256:");
        for byte in Sha256::digest(bytes) {
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// Returns the digest as registries write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the hexadecimal digits.
    pub fn digits(&self) -> &str {
        &self.0["sha256:".len()..]
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Digest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        match text.strip_prefix("sha256:") {
            Some(digits) if digits.len() == 64 && digits.bytes().all(is_digit) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err("expected a digest: `sha256:` and 64 hexadecimal digits".to_owned()),
        }
    }
}

/// The name of an artifact: `HOST[:PORT]/NAME:TAG`, `HOST[:PORT]/NAME@DIGEST`, or both.
///
/// A digest names the content itself and never changes; a tag can be moved. With both, the digest
/// counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reference {
    host: Host,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// A text that is not a reference.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{text}: {problem}: expected REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:..., such as \
     ghcr.io/example/hello:1.0"
)]
pub struct ReferenceError {
    text: String,
    problem: String,
}

impl Reference {
    /// Returns the reference that a person means by a text, or `None` for the path of a file.
    ///
    /// A text with the scheme `oci://` is a reference. So is one that begins with a host and has a
    /// tag or a digest, such as `localhost:5000/hello:1.0`.
    ///
    /// # Errors
    ///
    /// If the text is meant as a reference and is malformed.
    pub fn meant_by(text: &str) -> Option<Result<Self, ReferenceError>> {
        let is_marked = text.starts_with(SCHEME);
        let (host, rest) = text.split_once('/')?;
        let has_version = rest.contains("@sha256:")
            || rest.rsplit('/').next().is_some_and(|end| end.contains(':'));
        let is_named = host.parse::<Host>().is_ok() && has_version;
        (is_marked || is_named).then(|| text.parse())
    }

    /// Returns the host of the registry.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Returns the name within the registry.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Returns the last part of the name.
    pub fn name(&self) -> &str {
        self.repository.rsplit('/').next().unwrap_or_default()
    }

    /// Returns the tag, if there is one.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// Returns the digest, if the reference is pinned to a content.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// Returns the reference to this content alone.
    #[must_use]
    pub fn pinned(&self, digest: Digest) -> Self {
        Self {
            tag: None,
            digest: Some(digest),
            ..self.clone()
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.host, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(formatter, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(formatter, "@{digest}")?;
        }
        Ok(())
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        parse(text.strip_prefix(SCHEME).unwrap_or(text)).map_err(|problem| ReferenceError {
            text: text.to_owned(),
            problem,
        })
    }
}

fn parse(text: &str) -> Result<Reference, String> {
    let (name, digest) = match text.split_once('@') {
        Some((name, digest)) => (name, Some(digest.parse::<Digest>()?)),
        None => (text, None),
    };
    let Some((host, rest)) = name.split_once('/') else {
        return Err("the registry is missing".to_owned());
    };
    let host = host
        .parse::<Host>()
        .map_err(|problem| format!("`{host}` is not a registry: {problem}"))?;
    let (repository, tag) = match rest.rsplit_once(':') {
        Some((repository, tag)) => (repository, Some(tag)),
        None => (rest, None),
    };
    if !is_repository(repository) {
        return Err(format!(
            "`{repository}` is not a name: expected parts of lower-case letters and digits between \
             slashes, with `.`, `_` or `-` inside"
        ));
    }
    if let Some(tag) = tag.filter(|tag| !is_tag(tag)) {
        return Err(format!(
            "`{tag}` is not a tag: expected at most {LONGEST_TAG} letters, digits, `.`, `_` and `-`"
        ));
    }
    if tag.is_none() && digest.is_none() {
        return Err("the tag is missing".to_owned());
    }
    Ok(Reference {
        host,
        repository: repository.to_owned(),
        tag: tag.map(str::to_owned),
        digest,
    })
}

/// Returns whether a text can be the name of a repository: parts of lower-case letters and digits
/// between slashes.
pub fn is_repository(text: &str) -> bool {
    text.len() <= LONGEST_REPOSITORY && text.split('/').all(is_part)
}

fn is_part(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    // Between letters: a dot, one or two underscores, or any number of hyphens.
    let mut separators = text.split(|letter: char| letter.is_ascii() && is_plain(letter as u8));
    text.bytes().next().is_some_and(is_plain)
        && text.bytes().last().is_some_and(is_plain)
        && separators.all(|separator| {
            matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-')
        })
}

fn is_tag(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= LONGEST_TAG
        && text.bytes().next().is_some_and(is_word)
        && text
            .bytes()
            .all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn digest() -> impl Strategy<Value = String> {
        "[0-9a-f]{64}".prop_map(|digits| format!("sha256:{digits}"))
    }

    proptest! {
        #[test]
        fn references_are_printed_as_they_are_read(
            host in "([a-z0-9]{1,8}\\.){1,3}[a-z]{2,5}(:[1-9][0-9]{0,3})?|localhost|\\[::1\\]:5000",
            repository in "[a-z0-9]{1,6}((\\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}(/[a-z0-9]{1,5}){0,3}",
            tag in proptest::option::of("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"),
            digest in proptest::option::of(digest()),
        ) {
            let mut text = format!("{host}/{repository}");
            if let Some(tag) = &tag {
                text += &format!(":{tag}");
            }
            if let Some(digest) = &digest {
                text += &format!("@{digest}");
            }
            let read = text.parse::<Reference>();
            prop_assert_eq!(read.is_ok(), tag.is_some() || digest.is_some());
            if let Ok(reference) = read {
                prop_assert_eq!(reference.to_string(), text.clone());
                prop_assert_eq!(reference.host().as_str(), host);
                prop_assert_eq!(reference.repository(), repository);
                prop_assert_eq!(reference.tag(), tag.as_deref());
                prop_assert_eq!(reference.digest().map(Digest::as_str), digest.as_deref());
                prop_assert_eq!(&format!("oci://{text}").parse::<Reference>().unwrap(), &reference);
                prop_assert_eq!(Reference::meant_by(&text), Some(Ok(reference)));
            }
        }

        #[test]
        fn any_text_is_a_reference_or_an_error(text in ".{0,60}") {
            if let Ok(reference) = text.parse::<Reference>() {
                let printed = reference.to_string();
                prop_assert_eq!(printed.parse::<Reference>(), Ok(reference));
            }
        }
    }

    #[test]
    fn a_pinned_reference_has_no_tag() {
        let reference: Reference = "localhost/a/b:1".parse().unwrap();
        let digest = Digest::of(b"abc");
        assert_eq!(
            digest.to_string(),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            reference.pinned(digest.clone()).to_string(),
            format!("localhost/a/b@{digest}")
        );
        assert_eq!(reference.name(), "b");
    }

    #[test]
    fn malformed_references_are_explained() {
        let upper = format!("ghcr.io/a@sha256:{}", "A".repeat(64));
        let long = format!("ghcr.io/{}:1", "a".repeat(256));
        for (text, problem) in [
            ("", "the registry is missing"),
            ("hello:1", "the registry is missing"),
            ("example/hello:1", "`example` is not a registry"),
            ("ghcr.io/Example/hello:1", "`Example/hello` is not a name"),
            ("ghcr.io//hello:1", "is not a name"),
            ("ghcr.io/a..b:1", "is not a name"),
            ("ghcr.io/a-:1", "is not a name"),
            ("ghcr.io/größe:1", "is not a name"),
            (&long, "is not a name"),
            ("ghcr.io/hello:", "`` is not a tag"),
            ("ghcr.io/hello:-1", "`-1` is not a tag"),
            ("ghcr.io/hello:a b", "`a b` is not a tag"),
            ("ghcr.io/hello", "the tag is missing"),
            ("oci://ghcr.io/hello", "the tag is missing"),
            ("ghcr.io/hello@sha256:abc", "expected a digest"),
            ("ghcr.io/hello@sha512:abc", "expected a digest"),
            (&upper, "expected a digest"),
            ("https://ghcr.io/hello:1", "`https:` is not a registry"),
        ] {
            let error = text.parse::<Reference>().expect_err(text).to_string();
            assert!(error.contains(problem), "{text}: {error}");
            assert!(
                error.contains("such as ghcr.io/example/hello:1.0"),
                "{error}"
            );
        }
    }

    #[test]
    fn paths_are_not_references() {
        for text in [
            "hello.wasm",
            "./a.b/hello:1",
            "../a:1",
            "/a/b:1",
            "guests/hello.wasm",
            "guests.d/hello.wasm",
            "a:b",
            "C:\\a:1",
            "example/hello:1",
        ] {
            assert_eq!(Reference::meant_by(text), None, "{text}");
        }
        for text in [
            "oci://x",
            "oci://a/b",
            "ghcr.io/Upper:1",
            "localhost/a@sha256:0",
        ] {
            assert!(matches!(Reference::meant_by(text), Some(Err(_))), "{text}");
        }
    }
}
