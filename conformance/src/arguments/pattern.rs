//! Texts for regular expressions of schemas: ECMA-262 without lookaround and back-references.

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

/// The highest number of repetitions beyond the required ones.
const MAX_REPEATS: u32 = 10_000;

/// A regular expression for which texts can be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern(Part);

#[derive(Clone, Debug, PartialEq)]
enum Part {
    /// One of these characters.
    One(Vec<char>),
    /// A sequence.
    Sequence(Vec<Part>),
    /// A choice.
    Choice(Vec<Part>),
    /// A repetition, with its lowest and highest count.
    Repeat(Box<Part>, u32, u32),
}

impl Pattern {
    /// Parses an expression.
    ///
    /// # Errors
    ///
    /// When it is malformed or uses an unsupported feature.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut reader = Reader {
            rest: text.chars().collect(),
            at: 0,
            depth: 0,
        };
        let part = reader.choice()?;
        match reader.peek() {
            None => Ok(Self(part)),
            Some(other) => Err(format!("unexpected `{other}`")),
        }
    }

    /// Makes a matching text. Repetitions exceed their lowest count by at most `stretch`.
    pub fn text(&self, rng: &mut ChaCha8Rng, stretch: u32) -> String {
        let mut text = String::new();
        write(&self.0, rng, stretch, &mut text);
        text
    }
}

fn write(part: &Part, rng: &mut ChaCha8Rng, stretch: u32, text: &mut String) {
    match part {
        Part::One(characters) => text.extend(characters.choose(rng)),
        Part::Sequence(parts) => parts
            .iter()
            .for_each(|part| write(part, rng, stretch, text)),
        Part::Choice(parts) => parts
            .choose(rng)
            .into_iter()
            .for_each(|part| write(part, rng, stretch, text)),
        Part::Repeat(part, least, most) => {
            let most = (*most).min(least.saturating_add(stretch));
            for _ in 0..rng.random_range(*least..=most) {
                write(part, rng, stretch, text);
            }
        }
    }
}

/// The depth to which groups are followed.
const DEPTH: usize = 32;

struct Reader {
    rest: Vec<char>,
    at: usize,
    depth: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.at += usize::from(next.is_some());
        next
    }

    fn takes(&mut self, text: &str) -> bool {
        let wanted: Vec<char> = text.chars().collect();
        let found = self.rest[self.at..].starts_with(&wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    fn choice(&mut self) -> Result<Part, String> {
        let mut options = vec![self.sequence()?];
        while self.takes("|") {
            options.push(self.sequence()?);
        }
        Ok(if options.len() == 1 {
            options.remove(0)
        } else {
            Part::Choice(options)
        })
    }

    fn sequence(&mut self) -> Result<Part, String> {
        let mut parts = Vec::new();
        while let Some(next) = self.peek().filter(|next| !matches!(next, '|' | ')')) {
            // Texts match from end to end, so anchors add nothing.
            if matches!(next, '^' | '$') {
                self.at += 1;
                continue;
            }
            let part = self.atom()?;
            parts.push(self.repeated(part)?);
        }
        Ok(Part::Sequence(parts))
    }

    fn atom(&mut self) -> Result<Part, String> {
        match self.next() {
            Some('(') => self.group(),
            Some('[') => self.class(),
            Some('.') => Ok(Part::One(('a'..='z').chain('0'..='9').collect())),
            Some('\\') => Ok(Part::One(self.escape()?)),
            Some(other) if !"*+?".contains(other) => Ok(Part::One(vec![other])),
            other => Err(format!(
                "nothing to repeat before `{}`",
                other.unwrap_or(' ')
            )),
        }
    }

    fn group(&mut self) -> Result<Part, String> {
        for assertion in ["?=", "?!", "?<=", "?<!"] {
            if self.takes(assertion) {
                return Err(format!("unsupported lookaround `({assertion}`"));
            }
        }
        if self.takes("?<") {
            while self.next().is_some_and(|next| next != '>') {}
        } else {
            self.takes("?:");
        }
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("its groups are nested too deeply".to_owned());
        }
        let inner = self.choice()?;
        self.depth -= 1;
        if self.takes(")") {
            Ok(inner)
        } else {
            Err("unclosed group".to_owned())
        }
    }

    /// Parses the characters of an escape.
    fn escape(&mut self) -> Result<Vec<char>, String> {
        let word = || ('a'..='z').chain('A'..='Z').chain('0'..='9').chain(['_']);
        match self.next() {
            Some('d') => Ok(('0'..='9').collect()),
            Some('D') => Ok(('a'..='z').chain(['-', ' ']).collect()),
            Some('w') => Ok(word().collect()),
            Some('W') => Ok(vec!['-', '.', ' ', '!']),
            Some('s') => Ok(vec![' ']),
            Some('S') => Ok(word().collect()),
            Some('n') => Ok(vec!['\n']),
            Some('r') => Ok(vec!['\r']),
            Some('t') => Ok(vec!['\t']),
            Some('f') => Ok(vec!['\u{c}']),
            Some('v') => Ok(vec!['\u{b}']),
            Some('0') => Ok(vec!['\0']),
            Some('x') => self.code(2),
            Some('u') => self.code(4),
            Some(kind @ ('p' | 'P')) => self.property(kind),
            Some('b' | 'B') => Err("unsupported assertion `\\b`".to_owned()),
            Some('k' | '1'..='9') => Err("unsupported back-reference".to_owned()),
            Some(other) => Ok(vec![other]),
            None => Err("it ends with a backslash".to_owned()),
        }
    }

    fn code(&mut self, digits: usize) -> Result<Vec<char>, String> {
        let text: String = if self.takes("{") {
            let inner = std::iter::from_fn(|| self.next().filter(|next| *next != '}'));
            inner.collect()
        } else {
            (0..digits).filter_map(|_| self.next()).collect()
        };
        let code = u32::from_str_radix(&text, 16).ok().and_then(char::from_u32);
        code.map(|one| vec![one])
            .ok_or(format!("`{text}` is not a character"))
    }

    fn property(&mut self, kind: char) -> Result<Vec<char>, String> {
        let name: String = if self.takes("{") {
            std::iter::from_fn(|| self.next().filter(|next| *next != '}')).collect()
        } else {
            self.next().into_iter().collect()
        };
        match (kind, name.as_str()) {
            ('p', "L" | "Letter" | "Alphabetic") => Ok(vec!['a', 'B', 'é', '漢']),
            ('p', "Lu" | "Uppercase_Letter") => Ok(vec!['A', 'É']),
            ('p', "Ll" | "Lowercase_Letter") => Ok(vec!['a', 'é']),
            ('p', "N" | "Nd" | "Number") => Ok(('0'..='9').collect()),
            _ => Err(format!("unknown property `\\{kind}{{{name}}}`")),
        }
    }

    fn class(&mut self) -> Result<Part, String> {
        let negated = self.takes("^");
        let mut characters: Vec<char> = Vec::new();
        loop {
            let first = match self.next() {
                None => return Err("unclosed class".to_owned()),
                Some(']') => break,
                Some('\\') if self.takes("b") => vec!['\u{8}'],
                Some('\\') => self.escape()?,
                Some(other) => vec![other],
            };
            match first[..] {
                [low] if self.peek() == Some('-') && self.rest.get(self.at + 1) != Some(&']') => {
                    self.at += 1;
                    let high = match self.next() {
                        Some('\\') => self.escape()?.first().copied(),
                        other => other,
                    };
                    let high = high.ok_or("unclosed class")?;
                    // Some characters of a large range suffice.
                    characters.extend((low..=high).take(256));
                }
                _ => characters.extend(first),
            }
        }
        if negated {
            let others = ('a'..='z')
                .chain('A'..='Z')
                .chain('0'..='9')
                .chain("-_. /:é".chars());
            characters = others.filter(|one| !characters.contains(one)).collect();
        }
        if characters.is_empty() {
            return Err("no known character in a class".to_owned());
        }
        Ok(Part::One(characters))
    }

    fn repeated(&mut self, part: Part) -> Result<Part, String> {
        let (least, most) = match self.peek() {
            Some('*') => (0, u32::MAX),
            Some('+') => (1, u32::MAX),
            Some('?') => (0, 1),
            Some('{') => match self.counts() {
                Some(counts) => counts,
                None => return Ok(part),
            },
            _ => return Ok(part),
        };
        if self.peek().is_some_and(|next| "*+?}".contains(next)) {
            self.at += 1;
        }
        self.takes("?");
        if least > MAX_REPEATS || least > most {
            return Err(format!("{least} repetitions are required: too many"));
        }
        Ok(Part::Repeat(Box::new(part), least, most))
    }

    /// Parses the counts in braces; `None` if the braces are literal.
    fn counts(&mut self) -> Option<(u32, u32)> {
        let inner: String = self.rest[self.at + 1..]
            .iter()
            .take_while(|next| **next != '}')
            .collect();
        let counts = match inner.split_once(',') {
            None => inner.parse().ok().map(|count| (count, count)),
            Some((least, "")) => least.parse().ok().map(|least| (least, u32::MAX)),
            Some((least, most)) => least.parse().ok().zip(most.parse().ok()),
        };
        if counts.is_some() {
            self.at += inner.chars().count() + 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_fit_their_patterns() {
        for pattern in [
            "^[a-z]+$",
            "^zq{7}$",
            r"^\d{3}-\d{4}$",
            r"^(\+|00)?[1-9]\d{1,14}$",
            "^(?:a|b|cd)*e?$",
            "^[^/]+/[^/]+$",
            r"^#[0-9a-fA-F]{6}$",
            r"^[\w.+-]+@[\w-]+\.[a-z]{2,}$",
            r"^(?<year>\d{4})-(?<month>\d\d)$",
            r"^\u0041\x42\t$",
            r"^\p{Lu}\p{L}*$",
            "a.c",
            "^[a-]{2,3}?$",
            "",
        ] {
            let read = Pattern::read(pattern).expect(pattern);
            let validator = super::super::compile(&json!({"pattern": pattern})).expect("a pattern");
            let mut rng = ChaCha8Rng::seed_from_u64(1);
            for stretch in [0, 1, 7] {
                let text = read.text(&mut rng, stretch);
                assert!(validator.is_valid(&json!(text)), "{text:?} for {pattern}");
            }
        }
    }

    #[test]
    fn unsupported_patterns_are_reported() {
        for (pattern, reason) in [
            ("^(?=a)", "lookaround"),
            (r"\bword\b", "assertion"),
            (r"(a)\1", "back-reference"),
            ("(a", "unclosed group"),
            ("[a", "unclosed class"),
            ("[]", "no known character"),
            ("*", "nothing to repeat"),
            (r"\p{Greek}", "unknown property"),
            ("a\\", "backslash"),
        ] {
            let told = Pattern::read(pattern).expect_err(pattern);
            assert!(told.contains(reason), "{pattern}: {told}");
        }
    }
}
