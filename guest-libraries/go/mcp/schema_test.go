package mcp

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func schemaText(t *testing.T, value any, to direction) string {
	t.Helper()
	schema, err := schemaOf(reflect.TypeOf(value), to)
	if err != nil {
		t.Fatal(err)
	}
	text, err := marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

type level string

// MarshalText makes the type a text.
func (l level) MarshalText() ([]byte, error) { return []byte(l), nil }

type weight int

func TestSchemaOfTypes(t *testing.T) {
	for _, one := range []struct {
		value    any
		expected string
	}{
		{true, `{"type":"boolean"}`},
		{0, `{"type":"integer"}`},
		{weight(0), `{"type":"integer"}`},
		{int8(0), `{"type":"integer","minimum":-128,"maximum":127}`},
		{uint16(0), `{"type":"integer","minimum":0,"maximum":65535}`},
		{uint64(0), `{"type":"integer","minimum":0}`},
		{0.5, `{"type":"number"}`},
		{json.Number(""), `{"type":"number"}`},
		{"", `{"type":"string"}`},
		{level(""), `{"type":"string"}`},
		{time.Time{}, `{"type":"string","format":"date-time"}`},
		{[]byte{}, `{"type":"string","contentEncoding":"base64"}`},
		{[]string{}, `{"type":"array","items":{"type":"string"}}`},
		{[2]bool{}, `{"type":"array","items":{"type":"boolean"},"minItems":2,"maxItems":2}`},
		{map[string]int{}, `{"type":"object","additionalProperties":{"type":"integer"}}`},
		{new(0), `{"type":["integer","null"]}`},
		{json.RawMessage{}, `{}`},
		{struct{}{}, `{"type":"object","properties":{}}`},
		{[]any{}, `{"type":"array","items":{}}`},
	} {
		if found := schemaText(t, one.value, input); found != one.expected {
			t.Errorf("%T: expected %s, found %s", one.value, one.expected, found)
		}
	}
}

func TestResultsAdmitWhatIsWrittenForNil(t *testing.T) {
	type result struct {
		Names []string       `json:"names"`
		Ages  map[string]int `json:"ages"`
	}
	expected := `{"type":"object","properties":{` +
		`"names":{"type":["array","null"],"items":{"type":"string"}},` +
		`"ages":{"type":["object","null"],"additionalProperties":{"type":"integer"}}},"required":["names","ages"]}`
	if found := schemaText(t, result{}, output); found != expected {
		t.Errorf("expected %s, found %s", expected, found)
	}
}

type base struct {
	ID string `json:"id"`
}

func TestSchemaOfFields(t *testing.T) {
	type fields struct {
		base
		Name    string   `json:"name" jsonschema:"What to call you" minLength:"1" pattern:"^[A-Z]"`
		Note    string   `json:"note,omitempty" title:"Note"`
		Days    int      `json:"days" default:"3" minimum:"1" maximum:"7"`
		Colour  string   `json:"colour" enum:"red,green"`
		Size    *int     `json:"size,omitempty" enum:"1,2"`
		Tags    []string `json:"tags,omitzero" maxItems:"3"`
		Hidden  string   `json:"-"`
		private string
		Plain   bool
	}
	_ = fields{}.private
	expected := `{"type":"object","properties":{` +
		`"id":{"type":"string"},` +
		`"name":{"type":"string","description":"What to call you","pattern":"^[A-Z]","minLength":1},` +
		`"note":{"type":"string","title":"Note"},` +
		`"days":{"type":"integer","minimum":1,"maximum":7,"default":3},` +
		`"colour":{"type":"string","enum":["red","green"]},` +
		`"size":{"type":["integer","null"],"enum":[1,2,null]},` +
		`"tags":{"type":"array","items":{"type":"string"},"maxItems":3},` +
		`"Plain":{"type":"boolean"}},` +
		`"required":["id","name","colour","Plain"]}`
	if found := schemaText(t, fields{}, input); found != expected {
		t.Errorf("expected\n%s, found\n%s", expected, found)
	}
}

type list struct {
	Next *list `json:"next"`
}

func TestTypesWithoutSchema(t *testing.T) {
	for _, one := range []struct {
		value    any
		expected string
	}{
		{make(chan int), "chan int has no JSON Schema: JSON has no chan"},
		{map[int]string{}, "map[int]string has no JSON Schema: expected keys of type string"},
		{list{}, "field Next: mcp.list holds itself: set the schema by hand"},
		{struct{ F func() }{}, "field F: func() has no JSON Schema: JSON has no func"},
		{struct {
			N int `minimum:"one"`
		}{}, `field N: tag minimum: expected a number, found "one"`},
		{struct {
			N int `default:"one"`
		}{}, `field N: tag default: expected a value of type int, found "one"`},
		{struct {
			N *int `default:"null"`
		}{}, `field N: tag default: expected a value of type int, found "null"`},
		{struct {
			N int `enum:"1,two"`
		}{}, `field N: tag enum: expected a value of type int, found "two"`},
		{struct {
			N int `json:",string"`
		}{}, "field N: the option string of its json tag is not supported"},
	} {
		_, err := schemaOf(reflect.TypeOf(one.value), input)
		if err == nil || err.Error() != one.expected {
			t.Errorf("%T: expected the error %q, found %v", one.value, one.expected, err)
		}
	}
}

func TestDecodeSetsDefaultsAndKeepsNumbers(t *testing.T) {
	var in struct {
		Days  int   `json:"days" default:"3"`
		Steps *int  `json:"steps" default:"4"`
		Value any   `json:"value"`
		Whole int   `json:"whole"`
		Many  []int `json:"many"`
	}
	if err := decode(json.RawMessage(`{"value": 9007199254740993.10, "whole": 1.0, "many": [2e1]}`), &in); err != nil {
		t.Fatal(err)
	}
	if in.Days != 3 || *in.Steps != 4 || in.Whole != 1 || in.Many[0] != 20 {
		t.Errorf("found %+v", in)
	}
	if err := decode(json.RawMessage(`{"whole": 1.5}`), &in); err == nil || !strings.Contains(err.Error(), "1.5") {
		t.Errorf("expected an error for 1.5, found %v", err)
	}
	if err := decode(json.RawMessage(`{"value": 9007199254740993.10}`), &in); err != nil || in.Value != json.Number("9007199254740993.10") {
		t.Errorf("found %v, %v", in.Value, err)
	}
}

// Embedded is an exported struct that others embed.
type Embedded struct {
	ID    string `json:"id" default:"one"`
	Count int    `json:"count,omitempty"`
}

type other struct {
	ID   string `json:"id"`
	Size int    `json:"size" default:"3"`
}

type left struct{ ID string }

type right struct {
	ID   string
	Size int
}

type tagged struct {
	Name string `json:"ID"`
}

// Number is embedded, and no struct.
type Number int

// jsonNames returns the names that encoding/json writes for a value.
func jsonNames(t *testing.T, value any) []string {
	t.Helper()
	text, err := marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var members object
	if err := json.Unmarshal(text, &members); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, member := range members {
		names = append(names, member.name)
	}
	return names
}

func TestFieldsAreThoseOfTheJSON(t *testing.T) {
	for _, value := range []any{
		struct {
			Embedded `json:"base"`
		}{},
		struct {
			*Embedded `json:"base"`
		}{},
		struct{ other }{},
		struct {
			ID string
			other
		}{},
		struct {
			ID string `json:"id"`
			other
		}{},
		struct { // Both have an ID at the same depth.
			left
			right
		}{},
		struct {
			left
			tagged
		}{},
		struct {
			other
			Sub struct{ Embedded }
		}{},
		struct {
			Number
			A int `json:"a"`
			B int `json:"-"`
			C int `json:"-,"`
		}{},
		struct {
			base   `json:"-"`
			hidden int
		}{},
	} {
		fields, err := fieldsOf(reflect.TypeOf(value))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, field := range fields {
			names = append(names, field.name)
		}
		if expected := jsonNames(t, value); !slices.Equal(names, expected) {
			t.Errorf("%T: expected %v, found %v", value, expected, names)
		}
	}
}

func TestEmbeddedFieldsThatAreRefused(t *testing.T) {
	for _, one := range []struct {
		value    any
		expected string
	}{
		{struct{ *Embedded }{}, "field Embedded: an embedded pointer is not supported: embed the struct, or name the field with the tag json"},
		{struct {
			other `json:"other"`
		}{}, "field other: only an exported type can be embedded with a name"},
	} {
		_, err := schemaOf(reflect.TypeOf(one.value), input)
		if err == nil || err.Error() != one.expected {
			t.Errorf("%T: expected the error %q, found %v", one.value, one.expected, err)
		}
	}
}

func TestDefaultsOfEmbeddedStructs(t *testing.T) {
	var in struct {
		other
		Base Embedded `json:"base"`
	}
	if err := decode(json.RawMessage(`{"id": "x", "base": {"id": "y"}}`), &in); err != nil {
		t.Fatal(err)
	}
	if in.Size != 3 || in.ID != "x" || in.Base.ID != "y" {
		t.Errorf("found %+v", in)
	}
}

func TestDefaultsThatAreNull(t *testing.T) {
	var in struct {
		Value any            `json:"value" default:"null"`
		Many  map[string]int `json:"many" default:"null"`
	}
	if err := decode(nil, &in); err != nil || in.Value != nil || in.Many != nil {
		t.Errorf("found %+v, %v", in, err)
	}
	if found := schemaText(t, in, input); !strings.Contains(found, `"value":{"default":null}`) {
		t.Errorf("found %s", found)
	}
}
