package mcp

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// An object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	text := []byte{'{'}
	for index, member := range o {
		if index > 0 {
			text = append(text, ',')
		}
		name, err := marshal(member.name)
		if err != nil {
			return nil, err
		}
		value, err := marshal(member.value)
		if err != nil {
			return nil, err
		}
		text = append(append(append(text, name...), ':'), value...)
	}
	return append(text, '}'), nil
}

// UnmarshalJSON reads the members in their order, and their values as JSON.
func (o *object) UnmarshalJSON(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return fmt.Errorf("%s is not a JSON object", text)
	}
	*o = object{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return err
		}
		o.set(name.(string), value)
	}
	return nil
}

func (o object) get(name string) (any, bool) {
	for _, member := range o {
		if member.name == name {
			return member.value, true
		}
	}
	return nil, false
}

// set adds a member, or replaces its value.
func (o *object) set(name string, value any) {
	for index := range *o {
		if (*o)[index].name == name {
			(*o)[index].value = value
			return
		}
	}
	*o = append(*o, member{name, value})
}

// marshal writes JSON without escapes for HTML, which no one needs here.
func marshal(value any) (json.RawMessage, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}
