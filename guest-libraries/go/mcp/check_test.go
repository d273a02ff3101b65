package mcp

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

type checked struct {
	Text   string         `json:"text" minLength:"2" maxLength:"3"`
	Number float64        `json:"number,omitempty" minimum:"1" exclusiveMaximum:"2"`
	More   float64        `json:"more,omitempty" exclusiveMinimum:"0"`
	Whole  int8           `json:"whole,omitempty"`
	Choice string         `json:"choice,omitempty" enum:"a,b"`
	Level  int            `json:"level,omitempty" enum:"1,2"`
	Maybe  *bool          `json:"maybe,omitempty"`
	List   []string       `json:"list,omitempty" minItems:"1" maxItems:"2"`
	Pair   [2]int         `json:"pair,omitzero"`
	Map    map[string]int `json:"map,omitempty"`
	Inner  *greeting      `json:"inner,omitempty"`
	Any    any            `json:"any,omitempty"`
}

func TestValuesThatBreakASchema(t *testing.T) {
	derived, err := argumentsSchema(reflect.TypeFor[checked]())
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct{ value, expected string }{
		{`{"text": "ab", "number": 1, "more": 0.1, "whole": 1.0, "choice": "b", "level": 2, "maybe": null, "list": ["x"], "pair": [1, 2], "map": {"a": 1}, "inner": {"name": "x"}, "any": [{}], "other": 1}`, ""},
		{`{}`, "text is missing"},
		{`{"text": 1}`, "text: expected a value of type string, found 1"},
		{`{"text": "a"}`, "text: expected at least 2 characters, found 1"},
		{`{"text": "abcd"}`, "text: expected at most 3 characters, found 4"},
		{`{"text": "ab", "number": 0.5}`, "number: expected at least 1, found 0.5"},
		{`{"text": "ab", "number": 2}`, "number: expected less than 2, found 2"},
		{`{"text": "ab", "more": 0}`, "more: expected more than 0, found 0"},
		{`{"text": "ab", "whole": 0.5}`, "whole: expected a value of type integer, found 0.5"},
		{`{"text": "ab", "whole": 128}`, "whole: expected at most 127, found 128"},
		{`{"text": "ab", "choice": "c"}`, `choice: expected one of ["a","b"], found "c"`},
		{`{"text": "ab", "level": 3}`, "level: expected one of [1,2], found 3"},
		{`{"text": "ab", "maybe": 1}`, "maybe: expected a value of type boolean or null, found 1"},
		{`{"text": "ab", "list": []}`, "list: expected at least 1 items, found 0"},
		{`{"text": "ab", "list": ["", "", ""]}`, "list: expected at most 2 items, found 3"},
		{`{"text": "ab", "list": ["", {}]}`, "list: 1: expected a value of type string, found {}"},
		{`{"text": "ab", "pair": [1]}`, "pair: expected at least 2 items, found 1"},
		{`{"text": "ab", "map": {"a": true}}`, "map: a: expected a value of type integer, found true"},
		{`{"text": "ab", "inner": {}}`, "inner: name is missing"},
		{`{"text": "ab", "inner": []}`, "inner: expected a value of type object or null, found []"},
		{`{"text": ["` + strings.Repeat("x", 200) + `"]}`, `text: expected a value of type string, found ["` + strings.Repeat("x", 98) + "..."},
	} {
		checkAgainst(t, string(derived), one.value, one.expected)
	}
}

func TestSchemasOfAnotherForm(t *testing.T) {
	for _, one := range []struct{ schema, value, expected string }{
		{`true`, `{}`, ""},
		{`{"additionalProperties": false}`, `{"a": 1}`, "a: unknown member"},
		{`{"patternProperties": {"^a": {}}, "additionalProperties": false}`, `{"a": 1}`, ""},
		{`{"properties": {"a": {"items": [{}], "minItems": "x", "type": "array"}}, "required": ["b"]}`, `{"a": [1]}`, "b is missing"},
		{`{"properties": {"a": {"items": [{}], "minItems": "x", "type": "array"}}}`, `{"a": 1}`, "a: expected a value of type array, found 1"},
		{`{"properties": {"a": {"minLength": -1, "maxLength": 1.0}}}`, `{"a": "bcd"}`, ""},
		{`{"properties": {"a": {"minimum": 0, "exclusiveMinimum": true, "maximum": "x"}}}`, `{"a": 0}`, ""},
		{`{"$ref": "#/$defs/a", "allOf": [false]}`, `{}`, ""},
	} {
		checkAgainst(t, one.schema, one.value, one.expected)
	}
}

func checkAgainst(t *testing.T, schema, value, expected string) {
	t.Helper()
	tool := registeredTool{Tool: Tool{InputSchema: json.RawMessage(schema)}}
	found := ""
	if err := tool.check(json.RawMessage(value)); err != nil {
		found = err.Error()
	}
	if found != expected {
		t.Errorf("%s: expected %q, found %q", value, expected, found)
	}
}
