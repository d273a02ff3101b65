//! An MCP server that answers the list methods itself: a library whose lists have several pages,
//! change, and vary by request.

#[wasi_mcp_guest::items(rename_all = "kebab-case")]
mod exhibition {
    /// Leads through the exhibition, while there is one.
    #[tool(read_only)]
    fn guided_tour() -> &'static str {
        "This way, please."
    }

    /// Hangs on the wall, while there is an exhibition.
    #[resource(uri = "library://exhibition", mime_type = "text/plain")]
    fn poster() -> &'static str {
        "Maps of the world."
    }

    /// Describes a map of the exhibition.
    #[resource(template = "library://maps/{map}", mime_type = "text/plain")]
    fn map(map: u8) -> String {
        format!("Map {map}")
    }

    /// Invites to the exhibition.
    #[prompt]
    fn invitation(name: &str) -> String {
        format!("Invite {name} to the exhibition.")
    }
}

#[wasi_mcp_guest::server(service, list_changed, rename_all = "kebab-case")]
mod library {
    use std::rc::Rc;

    use wasi_mcp_guest::content::text_contents;
    use wasi_mcp_guest::records::{ReadResourceResult, Resource};
    use wasi_mcp_guest::{Context, Error, ItemName, Items, Origin, lists};

    use super::exhibition;

    /// The number of books, which fill more than one page.
    const BOOKS: u32 = 120;

    /// Hides from clients without a name what is for the staff.
    #[visible]
    async fn visible(context: &Context, item: ItemName<'_>) -> bool {
        match item {
            ItemName::Tool("buy-book")
            | ItemName::Resource("library://accounts")
            | ItemName::ResourceTemplate("library://readers/{name}")
            | ItemName::Prompt("reminder") => context.principal().is_some(),
            _ => true,
        }
    }

    /// Lends a book.
    #[tool]
    fn lend_book(
        /// The number of the book.
        #[schemars(range(min = 1, max = BOOKS))]
        number: u32,
        /// For how long.
        #[schemars(range(max = 30))]
        #[default(14)]
        days: u8,
        reader: Option<String>,
    ) -> String {
        let reader = reader.unwrap_or_else(|| "somebody".into());
        format!("{reader} has book {number} for {days} days.")
    }

    /// Buys a book. For the staff.
    #[tool]
    fn buy_book(title: String) -> String {
        format!("{title} was bought.")
    }

    /// Opens an exhibition, which adds an item to each list.
    #[tool(destructive = false)]
    fn open_exhibition() -> Result<&'static str, Error> {
        lists::add(exhibition::items())?;
        Ok("The exhibition is open.")
    }

    /// Closes the exhibition.
    #[tool(destructive = false)]
    fn close_exhibition() -> Result<&'static str, Error> {
        lists::remove(&exhibition::items())?;
        Ok("The exhibition is closed.")
    }

    /// The accounts. For the staff.
    #[resource(uri = "library://accounts", mime_type = "text/plain")]
    fn accounts() -> &'static str {
        "All books are paid for."
    }

    /// One resource for each book.
    #[setup(resources)]
    fn books(items: &mut Items) {
        for number in 1..=BOOKS {
            let uri = format!("library://books/{number}");
            let contents = text_contents(&uri, "text/plain", format!("Book {number}"));
            items.add_resource(
                Origin {
                    name: "books",
                    file: file!(),
                    line: line!(),
                },
                Resource {
                    uri,
                    name: format!("book-{number}"),
                    mime_type: Some("text/plain".into()),
                    ..Resource::default()
                },
                Rc::new(move |_, ()| {
                    let result = ReadResourceResult {
                        contents: vec![contents.clone()],
                        ..ReadResourceResult::default()
                    };
                    Box::pin(async move { Ok(result) })
                }),
            );
        }
    }

    /// A shelf.
    #[resource(template = "library://shelves/{shelf}", mime_type = "text/plain")]
    fn shelf(#[complete(["a", "b"])] shelf: &str) -> Option<String> {
        matches!(shelf, "a" | "b").then(|| format!("Shelf {shelf}"))
    }

    /// A reader. For the staff.
    #[resource(template = "library://readers/{name}", mime_type = "text/plain")]
    fn reader(name: &str) -> String {
        format!("{name} reads.")
    }

    /// Recommends a book.
    #[prompt]
    fn recommendation(#[complete(["history", "poetry"])] subject: &str) -> String {
        format!("Recommend a book on {subject}.")
    }

    /// Reminds a reader of a book. For the staff.
    #[prompt]
    fn reminder(reader: &str) -> String {
        format!("Remind {reader} kindly of the book.")
    }
}
