//! Answers to a component's requests: forms, sampling, roots.

use super::*;

/// The reference guest in each variant, whose tools send requests to the client.
const VARIANTS: [&str; 2] = ["reference-backend-0.2", "reference-backend-0.3"];

/// Calls a tool, and returns its text as JSON.
async fn told(guest: &GuestFile, arguments: &[&str]) -> Value {
    let text = printed(outcome(guest, "call", arguments).await);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[tokio::test]
async fn forms_are_answered_by_an_option() {
    for name in VARIANTS {
        let guest = GuestFile::write(name);
        let values = json!({ "age": 36, "ratio": 1.5, "colour": "g", "email": "ada@example.com" });
        assert_eq!(
            told(&guest, &["elicit", "--elicit", &values.to_string()]).await,
            json!({ "action": "accept", "content": {
                "age": 36, "ratio": 1.5, "colour": "g", "email": "ada@example.com",
                // Defaults of the form.
                "name": "Ada", "agreed": false,
            } }),
        );
        for action in ["decline", "cancel"] {
            assert_eq!(
                told(&guest, &["elicit", "--elicit", action]).await,
                json!({ "action": action, "content": null })
            );
        }
        let defaults = ["test_elicitation_sep1034_defaults", "--elicit", "{}"];
        let text = printed(outcome(&guest, "call", &defaults).await);
        for part in [
            "\"name\":\"John Doe\"",
            "\"age\":30",
            "\"score\":95.5",
            "\"verified\":true",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
}

#[tokio::test]
async fn a_form_is_checked_before_it_is_sent() {
    let guest = GuestFile::write("reference-backend-0.3");
    for (values, part) in [
        (
            json!({}),
            "age: a value is required: a whole number, 0 to 150",
        ),
        (
            json!({ "age": "old" }),
            "age: expected a whole number, 0 to 150, found \"old\"",
        ),
        (json!({ "age": 1.5 }), "age: expected a whole number"),
        (json!({ "age": 151 }), "0 to 150, found 151"),
        (
            json!({ "age": 1, "email": "nobody" }),
            "email: expected an email address",
        ),
        (
            json!({ "age": 1, "birthday": "soon" }),
            "birthday: expected a date",
        ),
        (
            json!({ "age": 1, "colour": "yellow" }),
            "colour: expected one of `r`, `g`, `b`, found \"yellow\"",
        ),
        (
            json!({ "age": 1, "name": "" }),
            "name: expected text, 1 to 40 characters, found \"\"",
        ),
        (
            json!({ "age": 1, "agreed": "yes" }),
            "agreed: expected yes or no, found \"yes\"",
        ),
        (
            json!({ "age": 1, "naem": "Ada" }),
            "naem: the form has no such field: did you mean `name`?",
        ),
    ] {
        let arguments = ["elicit", "--elicit", &values.to_string()];
        let refused = outcome(&guest, "call", &arguments).await;
        let form = "--elicit does not fit the form \"Please fill in the form.\"";
        assert_failed(&refused, 2, &[form, part]);
    }
}

#[tokio::test]
async fn without_a_person_forms_cannot_be_asked() {
    for name in VARIANTS {
        let guest = GuestFile::write(name);
        for (tool, arguments, option) in [
            ("elicit", "{}", "`--elicit JSON`"),
            ("sample", r#"{"prompt": "a"}"#, "`--sampling-answer TEXT`"),
            ("locate-in-roots", r#"{"path": "/a"}"#, "`--root URI`"),
        ] {
            let outcome = outcome(&guest, "call", &[tool, arguments]).await;
            assert_eq!(outcome.code, Some(1), "{outcome:?}");
            assert!(
                outcome.stdout.starts_with("method-not-found: "),
                "{outcome:?}"
            );
            let last = outcome.stderr.lines().last().unwrap();
            assert!(last.starts_with("hint: the component asked"), "{last}");
            assert!(last.contains(option), "{last}");
        }
        let denied = ["elicit", "--elicit", "{}", "--deny-elicitation"];
        let denied = outcome(&guest, "call", &denied).await;
        assert!(
            denied.stdout.starts_with("method-not-found: "),
            "{denied:?}"
        );
        assert!(!denied.stderr.contains("hint: "), "{denied:?}");
        let failed = outcome(&guest, "call", &["fail"]).await;
        assert!(!failed.stderr.contains("hint: "), "{failed:?}");
    }
}

#[tokio::test]
async fn options_that_are_not_answers_are_refused() {
    let guest = GuestFile::write("hello-0.3");
    for (option, value, part) in [
        ("--elicit", "yes", "`decline`"),
        ("--elicit", "[]", "`decline`"),
        ("--sampling-command", "", "a program"),
        ("--sampling-command", "a 'b", "quotation mark"),
        ("--root", "/home", "file URI"),
        ("--log-level", "loud", "loud"),
        ("--timeout", "0", "above 0"),
    ] {
        let refused = outcome(&guest, "call", &["hello", option, value]).await;
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(
            refused.stderr.contains(part),
            "{option} {value}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn requests_to_a_model_are_answered_by_a_text() {
    for name in VARIANTS {
        let guest = GuestFile::write(name);
        let arguments = [
            "sample",
            r#"{"prompt": "Why?"}"#,
            "--sampling-answer",
            "Because.",
        ];
        let answer = told(&guest, &arguments).await;
        assert_eq!(
            answer["content"],
            json!({ "type": "text", "text": "Because." })
        );
        assert_eq!(answer["role"], "assistant");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn requests_to_a_model_are_answered_by_a_command() {
    let guest = GuestFile::write("reference-backend-0.3");
    let script = guest.sibling("model.sh");
    let seen = guest.sibling("seen.json");
    std::fs::write(
        &script,
        "cat > \"$1\"\n\
         echo '{\"role\":\"assistant\",\"model\":\"tiny\",\"content\":{\"type\":\"text\",\"text\":\"So.\"}}'\n",
    )
    .unwrap();
    let command = format!("sh '{}' '{}'", script.display(), seen.display());
    let prompt = r#"{"prompt": "Why?"}"#;
    let arguments = ["sample", prompt, "--sampling-command", &command];
    let answer = told(&guest, &arguments).await;
    assert_eq!(answer["model"], "tiny");
    assert_eq!(answer["content"]["text"], "So.");
    let params: Value = serde_json::from_slice(&std::fs::read(seen).unwrap()).unwrap();
    assert_eq!(params["messages"][0]["content"]["text"], "Why?");
    assert_eq!(params["systemPrompt"], "Be brief.");

    for (command, part) in [
        ("false", "failed: exit status: 1"),
        ("echo nothing", "malformed"),
        ("echo '{\"role\": \"assistant\"}'", "malformed"),
        ("no-such-program-here", "cannot be started"),
    ] {
        let arguments = ["sample", prompt, "--sampling-command", command];
        let refused = outcome(&guest, "call", &arguments).await;
        assert_eq!(refused.code, Some(1), "{command}: {refused:?}");
        assert!(refused.stderr.contains(part), "{command}: {refused:?}");
    }
}

#[tokio::test]
async fn roots_are_offered() {
    for name in VARIANTS {
        let guest = GuestFile::write(name);
        let arguments = [
            "locate-in-roots",
            r#"{"path": "/garden/project/src"}"#,
            "--root",
            "file:///other",
            "--root",
            "file:///garden/project=Project",
        ];
        assert_eq!(
            told(&guest, &arguments).await,
            json!({ "root": "file:///garden/project", "path": "src" })
        );
    }
}
