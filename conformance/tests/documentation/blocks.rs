//! Fenced blocks of a page, and the runner that each one names.

use crate::pages::Page;

/// The languages of blocks that hold no commands.
const OTHER_LANGUAGES: [&str; 11] = [
    "c",
    "go",
    "html",
    "json",
    "python",
    "rust",
    "text",
    "toml",
    "typescript",
    "wit",
    "yaml",
];

/// The runner of a block.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Run by the test of its page; ends with this status.
    Script { status: i32 },
    /// Started by the test of its page.
    Server,
    /// Run by the test that compiles components.
    Build,
    /// Run by `.ci/run`.
    Ci,
    /// Not run, for this reason.
    Untested(String),
    /// No commands.
    None,
    /// Words that are not understood.
    Unknown(String),
}

/// A fenced block.
#[derive(Debug)]
pub(crate) struct Block {
    page: String,
    line: usize,
    pub(crate) language: String,
    pub(crate) claim: Claim,
    /// The file that the block is the text of.
    pub(crate) file: Option<String>,
    pub(crate) text: String,
}

impl Block {
    /// The blocks of a page, in order.
    pub(crate) fn all(page: &Page) -> Vec<Self> {
        let mut blocks = Vec::new();
        let mut before = "";
        let mut lines = page.text.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            let Some(info) = line.trim_start().strip_prefix("```") else {
                before = line;
                continue;
            };
            let indent = line.len() - line.trim_start().len();
            let inside = lines
                .by_ref()
                .map(|(_, line)| line)
                .take_while(|line| line.trim() != "```");
            let text: String = inside
                .flat_map(|line| [line.get(indent..).unwrap_or_default(), "\n"])
                .collect();
            let (language, claim, file) = understood(info, untested(before));
            blocks.push(Self {
                page: page.path.display().to_string(),
                line: number + 1,
                language,
                claim,
                file,
                text,
            });
            before = "";
        }
        blocks
    }

    /// The page and the line, for a complaint.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.page, self.line)
    }

    /// Returns whether the block holds commands.
    pub(crate) fn is_commands(&self) -> bool {
        matches!(self.language.as_str(), "sh" | "console")
    }

    /// Describes why the block cannot be parsed.
    pub(crate) fn complaint(&self) -> Option<String> {
        let place = self.place();
        let known = self.is_commands() || OTHER_LANGUAGES.contains(&self.language.as_str());
        match &self.claim {
            Claim::Unknown(word) => {
                Some(format!("{place}: unknown word `{word}` after the language"))
            }
            _ if !known => Some(format!("{place}: unknown language `{}`", self.language)),
            Claim::Untested(reason) if reason.split_whitespace().count() < 3 => {
                Some(format!("{place}: untested without a reason"))
            }
            _ => None,
        }
    }
}

/// The reason in a comment that marks the next block as untested.
fn untested(line: &str) -> Option<String> {
    let comment = line.trim().strip_prefix("<!--")?.strip_suffix("-->")?;
    let reason = comment.trim().strip_prefix("untested:")?;
    Some(reason.trim().to_owned())
}

/// The language, the claim and the file of a block.
fn understood(info: &str, untested: Option<String>) -> (String, Claim, Option<String>) {
    let mut words = info.split_whitespace();
    let language = words.next().unwrap_or_default().to_owned();
    let commands = matches!(language.as_str(), "sh" | "console");
    let mut claim = if commands {
        Claim::Script { status: 0 }
    } else {
        Claim::None
    };
    let mut file = None;
    for word in words {
        let named = |name: &str| word.strip_prefix(name)?.strip_prefix('=');
        claim = match word {
            "server" if language == "sh" => Claim::Server,
            "build" if language == "sh" => Claim::Build,
            "ci" if language == "sh" => Claim::Ci,
            _ if named("file").is_some() => {
                file = named("file").map(str::to_owned);
                claim
            }
            _ => match named("status").map(str::parse) {
                Some(Ok(status)) if commands => Claim::Script { status },
                _ => Claim::Unknown(word.to_owned()),
            },
        };
    }
    if let Some(reason) = untested {
        claim = match claim {
            Claim::Script { status: 0 } => Claim::Untested(reason),
            _ => Claim::Unknown("untested".to_owned()),
        };
    }
    (language, claim, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(text: &str) -> Vec<Block> {
        let page = Page {
            path: "page.md".into(),
            text: text.into(),
        };
        Block::all(&page)
    }

    #[test]
    fn words_after_the_language_choose_the_runner() {
        for (info, claim) in [
            ("sh", Claim::Script { status: 0 }),
            ("console status=2", Claim::Script { status: 2 }),
            ("sh server", Claim::Server),
            ("sh build", Claim::Build),
            ("sh ci", Claim::Ci),
            ("json file=a.json", Claim::None),
            ("sh skipped", Claim::Unknown("skipped".into())),
            ("json ci", Claim::Unknown("ci".into())),
        ] {
            let block = blocks(&format!("```{info}\nx\n```\n")).remove(0);
            assert_eq!(block.claim, claim, "{info}");
            assert_eq!(block.text, "x\n");
            let unknown = matches!(claim, Claim::Unknown(_));
            assert_eq!(block.complaint().is_some(), unknown, "{info}");
        }
        let block = blocks("text\n\n```cobol\n```\n").remove(0);
        assert_eq!(
            block.complaint().unwrap(),
            "page.md:3: unknown language `cobol`"
        );
    }

    #[test]
    fn a_comment_before_the_block_keeps_it_from_running() {
        let block = blocks("<!-- untested: needs a browser -->\n```sh\nx\n```\n").remove(0);
        assert_eq!(block.claim, Claim::Untested("needs a browser".into()));
        assert_eq!(block.complaint(), None);
        let block = blocks("<!-- untested: -->\n```sh\nx\n```\n").remove(0);
        assert!(block.complaint().is_some(), "a reason is required");
        let far = "<!-- untested: needs a browser -->\nHere:\n```sh\nx\n```\n";
        assert_eq!(blocks(far).remove(0).claim, Claim::Script { status: 0 });
    }
}
