//! The prompts, and the completion of their arguments.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/prompts>

#[wasi_mcp_guest::items(rename_all = "kebab-case")]
pub mod items {
    use wasi_mcp_guest::content::{embedded, text, text_contents};
    use wasi_mcp_guest::errors::internal;
    use wasi_mcp_guest::records::{GetPromptResult, PromptMessage};
    use wasi_mcp_guest::{Completion, Error, Role, user};

    use crate::samples::{EXTRA, META, every_kind, image};

    /// A text.
    #[prompt(name = "test_simple_prompt")]
    fn simple() -> &'static str {
        "This is a simple prompt for testing."
    }

    fn words(_: &Completion) -> [&'static str; 3] {
        ["test", "testing", "value"]
    }

    /// A text with two arguments in it.
    #[prompt(name = "test_prompt_with_arguments")]
    fn with_arguments(
        /// The first argument.
        #[complete(words)]
        arg1: String,
        /// The second argument.
        #[complete(words)]
        arg2: String,
    ) -> String {
        format!("Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")
    }

    /// A resource and a text.
    #[prompt(name = "test_prompt_with_embedded_resource")]
    fn with_embedded_resource(
        /// The resource to embed.
        #[arg(name = "resourceUri")]
        #[complete(["test://example-resource"])]
        resource_uri: &str,
    ) -> [PromptMessage; 2] {
        let contents = text_contents(
            resource_uri,
            "text/plain",
            "Embedded resource content for testing.",
        );
        [
            user(embedded(contents)),
            user(text("Please process the embedded resource above.")),
        ]
    }

    /// An image and a text.
    #[prompt(name = "test_prompt_with_image")]
    fn with_image() -> Vec<PromptMessage> {
        vec![user(image()), user(text("Please analyze the image above."))]
    }

    const CITIES: [(&str, &[&str]); 3] = [
        ("France", &["Lyon", "Marseille", "Paris"]),
        ("Germany", &["Berlin", "Hamburg", "Leipzig"]),
        ("Japan", &["Kyoto", "Osaka", "Tokyo"]),
    ];

    fn countries(_: &Completion) -> [&'static str; 3] {
        CITIES.map(|(country, _)| country)
    }

    /// Returns the cities of the country, where that is known.
    async fn cities(completion: &Completion) -> Vec<&'static str> {
        let chosen = completion.argument("country");
        let of_country = |(country, _): &&(&str, _)| chosen.is_none_or(|chosen| chosen == *country);
        let cities = CITIES.iter().filter(of_country);
        cities.flat_map(|(_, cities)| *cities).copied().collect()
    }

    /// Plans a journey.
    #[prompt(title = "Plan a journey", meta = META, extra = EXTRA)]
    fn journey(
        /// The country to go to.
        #[arg(title = "Country", extra = EXTRA)]
        #[complete(countries)]
        country: String,
        /// The city to stay in.
        #[complete(async cities)]
        city: String,
        /// For how long.
        days: Option<String>,
    ) -> GetPromptResult {
        let days = days.as_deref().unwrap_or("three");
        GetPromptResult {
            messages: vec![user(text(format!(
                "Plan {days} days in {city}, {country}."
            )))],
            meta: Some(META.into()),
            extra: Some(EXTRA.into()),
            ..GetPromptResult::default()
        }
    }

    /// One message for each kind of content, from user and assistant in turn.
    #[prompt]
    fn every_content_kind() -> Vec<PromptMessage> {
        [Role::User, Role::Assistant]
            .into_iter()
            .cycle()
            .zip(every_kind())
            .map(|(role, content)| PromptMessage { role, content })
            .collect()
    }

    fn unavailable(_: &Completion) -> Result<Vec<String>, &'static str> {
        Err("The argument cannot be completed")
    }

    /// Fails where it is given its argument, which cannot be completed either.
    #[prompt]
    fn failing(
        /// The subject that it is about.
        #[complete(unavailable)]
        subject: Option<String>,
    ) -> Result<&'static str, Error> {
        match subject {
            Some(_) => Err(internal("The prompt cannot be had")),
            None => Ok("Say nothing of a subject."),
        }
    }
}
