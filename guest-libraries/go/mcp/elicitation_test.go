package mcp

import (
	"encoding/json"
	"reflect"
	"testing"

	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

type booking struct {
	Name   string `json:"name" title:"Name" minLength:"1" maxLength:"5" default:"Ada"`
	Nights int    `json:"nights" minimum:"1" maximum:"9"`
	Late   *bool  `json:"late,omitempty" default:"true"`
	Bed    string `json:"bed,omitempty" enum:"s,d" enumNames:"Single,Double"`
	Day    string `json:"day,omitempty" format:"date"`
}

func bookingForm(t *testing.T) *form {
	t.Helper()
	form, err := formOf(reflect.TypeFor[booking](), nil)
	if err != nil {
		t.Fatal(err)
	}
	return form
}

func TestFormsOfStructs(t *testing.T) {
	record, err := bookingForm(t).record()
	if err != nil {
		t.Fatal(err)
	}
	if required := record.Required.Some(); !reflect.DeepEqual(required, []string{"nights"}) {
		t.Errorf("required: %v", required)
	}
	name, nights, late := record.Properties[0].F1.Text(), record.Properties[1].F1.Number(), record.Properties[2].F1.Boolean()
	bed, day := record.Properties[3].F1.Enumeration(), record.Properties[4].F1.Text()
	if name.Title.Some() != "Name" || name.MinLength.Some() != 1 || name.Extra.Some() != `{"default":"Ada"}` {
		t.Errorf("name: %+v", name)
	}
	if nights.Type != content.NumberTypeInteger || nights.Maximum.Some() != 9 || nights.Extra.IsSome() {
		t.Errorf("nights: %+v", nights)
	}
	if !late.Default.Some() || late.Extra.IsSome() {
		t.Errorf("late: %+v", late)
	}
	if !reflect.DeepEqual(bed.Enum, []string{"s", "d"}) || !reflect.DeepEqual(bed.EnumNames.Some(), []string{"Single", "Double"}) {
		t.Errorf("bed: %+v", bed)
	}
	if day.Format.Some() != content.StringFormatDate {
		t.Errorf("day: %+v", day)
	}
}

func TestFormsByHandKeepWhatTheInterfaceDoesNotName(t *testing.T) {
	schema := `{"type":"object","title":"T","properties":{"b":{"type":"string","oneOf":[{"const":1.10}]},"a":{"type":"odd"}}}`
	form, err := formOf(reflect.TypeFor[map[string]any](), json.RawMessage(schema))
	if err != nil {
		t.Fatal(err)
	}
	record, err := form.record()
	if err != nil {
		t.Fatal(err)
	}
	if record.Extra.Some() != `{"title":"T"}` || record.Required.IsSome() || record.Properties[0].F0 != "b" {
		t.Errorf("found %+v", record)
	}
	if extra := record.Properties[0].F1.Text().Extra.Some(); extra != `{"oneOf":[{"const":1.10}]}` {
		t.Errorf("found %s", extra)
	}
	if other := record.Properties[1].F1.Other(); other != `{"type":"odd"}` {
		t.Errorf("found %s", other)
	}
}

func TestTypesThatAreNoForms(t *testing.T) {
	for _, one := range []struct {
		goType   reflect.Type
		expected string
	}{
		{reflect.TypeFor[string](), "the form string: expected a struct, or a schema in the parameters"},
		{reflect.TypeFor[struct{ A []int }](), "the field A of the form: a form has texts, numbers and truth values, but no array"},
		{reflect.TypeFor[struct {
			A string `format:"phone"`
		}](), `the field A of the form: unknown format "phone": expected one of email, uri, date, date-time`},
	} {
		form, err := formOf(one.goType, nil)
		if err == nil {
			_, err = form.record()
		}
		if err == nil || err.Error() != one.expected {
			t.Errorf("%v: expected the error %q, found %v", one.goType, one.expected, err)
		}
	}
}

func TestAnswersToForms(t *testing.T) {
	value := func(name string, value content.ElicitValue) wit.Tuple2[string, content.ElicitValue] {
		return wit.Tuple2[string, content.ElicitValue]{F0: name, F1: value}
	}
	text, number := content.MakeElicitValueText, content.MakeElicitValueNumber
	for _, one := range []struct {
		values   []wit.Tuple2[string, content.ElicitValue]
		expected string
	}{
		{[]wit.Tuple2[string, content.ElicitValue]{value("nights", number(2)), value("bed", text("d"))}, ""},
		{nil, "nights is missing"},
		{[]wit.Tuple2[string, content.ElicitValue]{value("nights", number(10))}, "nights: expected at most 9, found 10"},
		{[]wit.Tuple2[string, content.ElicitValue]{value("nights", number(2)), value("bed", text("x"))}, `bed: expected one of s, d, found "x"`},
		{[]wit.Tuple2[string, content.ElicitValue]{value("nights", number(2)), value("name", text(""))}, "name: expected at least 1 characters, found 0"},
		{[]wit.Tuple2[string, content.ElicitValue]{value("nights", number(2)), value("name", text("ÄÖÜäöü"))}, "name: expected at most 5 characters, found 6"},
	} {
		var filled booking
		err := bookingForm(t).read(one.values, &filled)
		if one.expected == "" {
			if err != nil || filled.Nights != 2 || filled.Name != "Ada" || !*filled.Late || filled.Bed != "d" {
				t.Errorf("found %+v, %v", filled, err)
			}
		} else if err == nil || err.Error() != one.expected {
			t.Errorf("expected the error %q, found %v", one.expected, err)
		}
	}
	var filled booking
	values := []wit.Tuple2[string, content.ElicitValue]{value("nights", number(1.5))}
	if err := bookingForm(t).read(values, &filled); err == nil {
		t.Error("half a night was accepted")
	}
}
