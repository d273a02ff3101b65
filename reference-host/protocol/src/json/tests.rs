//! Tests of the JSON layer.

use proptest::prelude::*;

use super::*;

fn raw(text: &str) -> &RawValue {
    serde_json::from_str(text).expect("test text is JSON")
}

#[test]
fn well_formed_text_passes() {
    let cases = [
        "0",
        " [1, 2]\r\n",
        "{}",
        "\"\\ud83d\\ude00\"",
        "1e999",
        "\"\\\\ud83d\"",
        "-0.0e-1",
    ];
    for text in cases {
        assert_eq!(check(text.as_bytes(), 4), Ok(text));
    }
}

#[test]
fn defects_are_told_apart() {
    assert_eq!(check(b"\xff", 4), Err(Defect::NotUtf8));
    for text in [
        "",
        "{",
        "01",
        "[1,]",
        "{\"a\":1,}",
        "nul",
        "1 2",
        "\"\n\"",
        "'a'",
        "NaN",
        "[}",
    ] {
        assert!(
            matches!(check(text.as_bytes(), 4), Err(Defect::Syntax(_))),
            "{text}"
        );
    }
    for text in [
        r#""\ud83d""#,
        r#""\ude00""#,
        r#""\ud83d\ud83d""#,
        r#"{"\uD800":1}"#,
        r#"["\ud83dxx\ude00"]"#,
    ] {
        assert_eq!(
            check(text.as_bytes(), 4),
            Err(Defect::LoneSurrogate),
            "{text}"
        );
    }
    assert_eq!(check(b"[[[[[]]]]]", 4), Err(Defect::TooDeep { limit: 4 }));
    assert_eq!(check(b"[[[[]]],\"[[[[[\"]", 4), Ok("[[[[]]],\"[[[[[\"]"));
    assert_eq!(check(b"1", 0), Ok("1"));
}

#[test]
fn extreme_nesting_neither_overflows_nor_passes() {
    let text = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
    assert_eq!(
        check(text.as_bytes(), 128),
        Err(Defect::TooDeep { limit: 128 })
    );
}

#[test]
fn objects_keep_order_and_exact_text() {
    let object = Object::parse(r#" {"b": 1.50, "a\u0062": {"x" :1e+2}, "c":null} "#).unwrap();
    let seen: Vec<_> = object
        .iter()
        .map(|(name, value)| (name.into_owned(), value.get()))
        .collect();
    let expected = [("b", "1.50"), ("ab", r#"{"x" :1e+2}"#), ("c", "null")];
    assert_eq!(seen, expected.map(|(name, value)| (name.to_owned(), value)));
    assert_eq!(
        object.rest_to_json().unwrap(),
        r#"{"b":1.50,"ab":{"x" :1e+2},"c":null}"#
    );
}

#[test]
fn the_last_duplicate_wins() {
    let object = Object::parse(r#"{"a":1,"b":2,"\u0061":3}"#).unwrap();
    assert_eq!(object.get("a").unwrap().get(), "3");
    assert_eq!(object.rest_to_json().unwrap(), r#"{"a":3,"b":2}"#);
}

#[test]
fn many_members_are_read_in_linear_time() {
    let members: Vec<String> = (0..200_000)
        .map(|n| format!("\"m{}\":{n}", n % 100_000))
        .collect();
    let text = format!("{{{}}}", members.join(","));
    let object = Object::parse(&text).unwrap();
    assert_eq!(object.len(), 100_000);
    assert_eq!(object.get("m7").unwrap().get(), "100007");
    assert_eq!(object.iter().next().unwrap().1.get(), "100000");
}

#[test]
fn taking_leaves_the_rest() {
    let mut object = Object::parse(r#"{"a":1,"b":2,"c":3}"#).unwrap();
    assert_eq!(object.take("b").unwrap().get(), "2");
    assert!(object.take("b").is_none());
    assert_eq!(object.rest_to_json().unwrap(), r#"{"a":1,"c":3}"#);
    object.take("a");
    object.take("c");
    assert!(object.is_empty());
    assert_eq!(object.rest_to_json(), None);
}

#[test]
fn what_is_no_object_is_named() {
    assert_eq!(
        Object::parse(" [1]").unwrap_err().to_string(),
        "an object is expected, not an array"
    );
    assert_eq!(
        Object::parse("null").unwrap_err(),
        NotAnObject::Other(Kind::Null)
    );
    for text in ["{\"a\":}", "{} x", "", "{\"a\" 1}", "[", "x"] {
        assert!(
            matches!(
                Object::parse(text),
                Err(NotAnObject::Defect(Defect::Syntax(_)))
            ),
            "{text}"
        );
    }
}

#[test]
fn scalars_are_read_or_named() {
    assert_eq!(string(raw(r#""a""#)).unwrap(), "a");
    assert_eq!(string(raw(r#""\u00e9\n""#)).unwrap(), "é\n");
    assert_eq!(
        string(raw("1")).unwrap_err().to_string(),
        "a string is expected"
    );
    assert!(string(raw(r#""\ud800""#)).is_err());
    assert_eq!(number(raw("-1.5e1")), Ok(-15.0));
    assert!(number(raw("1e999")).is_err());
    assert!(number(raw("\"1\"")).is_err());
    assert_eq!(integer(raw("9223372036854775807")), Ok(i64::MAX));
    assert!(integer(raw("9223372036854775808")).is_err());
    assert_eq!(integer(raw("1e2")), Ok(100));
    assert!(integer(raw("1.5")).is_err());
    assert_eq!(unsigned(raw("4294967295")), Ok(u32::MAX));
    assert_eq!(unsigned(raw("2.0")), Ok(2));
    for text in ["-1", "4294967296", "true", "\"1\"", "0.5", "null"] {
        assert!(unsigned(raw(text)).is_err(), "{text}");
    }
    assert_eq!(boolean(raw("true")), Ok(true));
    assert!(boolean(raw("1")).is_err());
    assert_eq!(base64(raw("\"AAE=\"")), Ok(vec![0, 1]));
    assert!(base64(raw("\"AAE\"")).is_err());
    assert_eq!(array(raw("[1, \"b\"]")).unwrap()[1].get(), "\"b\"");
    assert!(array(raw("{}")).is_err());
    assert!(object(raw("[]")).is_err());
}

#[test]
fn faults_name_their_place() {
    let fault = Fault::new("a string")
        .within("name")
        .at(3)
        .within("items")
        .within("params");
    assert_eq!(
        fault.to_string(),
        "`params.items[3].name`: a string is expected"
    );
    let object = Object::parse("{}").unwrap();
    let fault = object.required("uri", string).unwrap_err();
    assert_eq!(fault.to_string(), "`uri`: a string is expected");
    assert_eq!(object.optional("uri", string), Ok(None));
    let object = Object::parse(r#"{"uri":"x","size":null}"#).unwrap();
    assert_eq!(object.required("uri", string).unwrap(), "x");
    let fault = object.optional("size", unsigned).unwrap_err();
    assert_eq!(fault.path, "size");
}

#[test]
fn a_limited_writer_stops_at_its_limit_and_says_so() {
    type Write = fn(&mut Writer);
    let write = |limit: usize, write: Write| {
        let mut writer = Writer::new().limited(limit);
        write(&mut writer);
        let over = writer.is_over();
        let text = writer.into_bytes();
        assert!(text.len() <= limit, "{} of {limit} bytes", text.len());
        (over, text.len())
    };
    let cases: [(Write, usize); 6] = [
        (|writer| _ = writer.string("0123456789"), 12),
        (|writer| _ = writer.string("\0\0"), 14),
        (|writer| _ = writer.base64(&[1, 2, 3, 4]), 10),
        (|writer| _ = writer.raw("[1,2]"), 5),
        (
            |writer| _ = writer.begin_object().key("a").u32(12).end_object(),
            8,
        ),
        (
            |writer| _ = writer.begin_array().null().bool(true).end_array(),
            11,
        ),
    ];
    for (case, length) in cases {
        assert_eq!(write(length, case), (false, length));
        for limit in 0..length {
            assert!(write(limit, case).0, "{limit} of {length}");
        }
    }
    // Nothing is written after an omission, however small it is.
    let (over, length) = write(8, |writer| {
        _ = writer.begin_array().string("too long").u32(1)
    });
    assert_eq!((over, length <= 8), (true, true));
}

#[test]
fn the_writer_puts_commas_and_escapes() {
    let mut writer = Writer::new();
    writer
        .begin_object()
        .key("a\"")
        .string("x\ny\u{7}")
        .key("b")
        .begin_array()
        .u32(1)
        .bool(true)
        .null();
    writer
        .f64(2.0)
        .unwrap()
        .f64(0.1)
        .unwrap()
        .f64(-0.0)
        .unwrap()
        .f64(1e300)
        .unwrap();
    writer
        .begin_object()
        .end_object()
        .base64(b"\0\x01")
        .end_array()
        .key("c")
        .raw("[1,\r\n 2]");
    writer
        .optional_string("d", None)
        .optional_raw("e", Some("1.0"))
        .optional_bool("f", Some(false));
    assert_eq!(writer.f64(f64::NAN).err(), Some(NotFinite));
    assert_eq!(
        writer.optional_f64("g", Some(f64::INFINITY)).err(),
        Some(NotFinite)
    );
    writer.end_object();
    let expected = r#"{"a\"":"x\ny\u0007","b":[1,true,null,2,0.1,0,1e+300,{},"AAE="],"c":[1, 2],"e":1.0,"f":false}"#;
    assert_eq!(writer.into_string(), expected);
}

#[test]
fn line_breaks_go_and_nothing_else() {
    assert_eq!(
        strip_line_breaks("{\r\n\t\"a\\n\": 1\n}"),
        "{\t\"a\\n\": 1}"
    );
    assert!(matches!(
        strip_line_breaks("{}"),
        std::borrow::Cow::Borrowed("{}")
    ));
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn bytes_never_panic_and_agree_with_the_grammar(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let accepted = check(&bytes, 100).is_ok();
        prop_assert_eq!(accepted, serde_json::from_slice::<serde_json::Value>(&bytes).is_ok());
    }

    #[test]
    fn characters_of_json_agree_with_the_grammar(text in r#"([\[\]{}",:01eE.\\u d8-]|true|null|\\ud83d|\\ude00){0,24}"#) {
        let verdict = check(text.as_bytes(), 100);
        // A tree also refuses numbers that are too large for it.
        let tree = serde_json::from_str::<serde_json::Value>(&text);
        if tree.is_ok() {
            prop_assert!(verdict.is_ok());
        } else if verdict.is_ok() {
            prop_assert!(tree.unwrap_err().to_string().contains("out of range"));
        }
    }

    #[test]
    fn trees_pass_and_are_rewritten_alike(value in json()) {
        let text = serde_json::to_string_pretty(&value).unwrap();
        prop_assert!(check(text.as_bytes(), 16).is_ok());
        let one_line = strip_line_breaks(&text);
        prop_assert!(!one_line.contains('\n'));
        // Read back, since reading a number may round its last digit.
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let again: serde_json::Value = serde_json::from_str(&one_line).unwrap();
        prop_assert_eq!(&again, &value);
        if let Ok(object) = Object::parse(&text) {
            let rest = object.rest_to_json().unwrap_or_else(|| "{}".to_owned());
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&rest).unwrap(), value);
        }
    }
}

#[test]
fn a_writer_that_counts_counts_what_another_writes() {
    let write = |writer: &mut Writer| {
        writer.begin_object().key("text").string("plain");
        writer.key("bytes").base64(&[1, 2, 3, 4]);
        writer.key("raw").raw(r#"{"a":[1,2]}"#);
        writer
            .key("list")
            .begin_array()
            .i64(-7)
            .bool(true)
            .null()
            .end_array();
        writer.key("number").f64(0.5).expect("it is finite");
        writer.end_object();
    };
    let (mut counting, mut writing) = (Writer::counting(), Writer::new());
    write(&mut counting);
    write(&mut writing);
    assert_eq!(counting.counted(), writing.counted());
    assert_eq!(counting.into_bytes(), b"");
}
