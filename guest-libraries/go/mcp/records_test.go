package mcp

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"unicode/utf8"

	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
)

// fill sets each text of a value to one that is not UTF-8, and makes a value of what is nil.
func fill(value reflect.Value) {
	switch value.Kind() {
	case reflect.String:
		value.SetString("text \xff")
	case reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
		fill(value.Elem())
	case reflect.Struct:
		for index := range value.NumField() {
			if value.Type().Field(index).IsExported() {
				fill(value.Field(index))
			}
		}
	case reflect.Slice:
		if value.Type().Elem().Kind() == reflect.Uint8 {
			value.SetBytes([]byte("{\"a\": \"\xff\"}"))
			return
		}
		value.Set(reflect.MakeSlice(value.Type(), 1, 1))
		fill(value.Index(0))
	case reflect.Map:
		name, item := reflect.New(value.Type().Key()).Elem(), reflect.New(value.Type().Elem()).Elem()
		fill(name)
		fill(item)
		value.Set(reflect.MakeMap(value.Type()))
		value.SetMapIndex(name, item)
	case reflect.Interface:
		if value.Type() != reflect.TypeFor[any]() {
			value.Set(reflect.ValueOf(filled[TextContent]()))
		}
	}
}

func filled[T any]() *T {
	value := new(T)
	fill(reflect.ValueOf(value).Elem())
	return value
}

// texts returns the texts of a record, also those of options and variants.
func texts(value reflect.Value) []string {
	var found []string
	switch value.Kind() {
	case reflect.String:
		found = append(found, value.String())
	case reflect.Pointer, reflect.Interface:
		if !value.IsNil() {
			found = texts(value.Elem())
		}
	case reflect.Struct:
		for index := range value.NumField() {
			found = append(found, texts(value.Field(index))...)
		}
	case reflect.Slice:
		if value.Type().Elem().Kind() == reflect.Uint8 {
			return nil
		}
		for index := range value.Len() {
			found = append(found, texts(value.Index(index))...)
		}
	}
	return found
}

func TestEveryTextThatGoesOutIsRepaired(t *testing.T) {
	result, err := filled[CallToolResult]().record()
	if err != nil {
		t.Fatal(err)
	}
	schema := json.RawMessage("{\"title\": \"\xff\", \"properties\": {\"\xff\": {\"type\": \"string\", \"title\": \"\xff\"}, " +
		"\"b\": {\"type\": \"\xff\"}}, \"required\": [\"\xff\"]}")
	form, err := formOf(reflect.TypeFor[map[string]any](), schema)
	if err != nil {
		t.Fatal(err)
	}
	question, err := filled[ElicitParams]().record(form)
	if err != nil {
		t.Fatal(err)
	}
	server := NewServer(filled[Implementation](), &ServerOptions{
		Instructions: "\xff", Extra: json.RawMessage("\xff"), Experimental: map[string]json.RawMessage{"\xff": json.RawMessage("\xff")},
	})
	server.AddResource(&Resource{URI: "a:"}, func(*Context) (*ReadResourceResult, error) { return filled[ReadResourceResult](), nil })
	read, err := server.readResource(&Context{uri: "a:"})
	if err != nil {
		t.Fatal(err)
	}
	server.AddPrompt(&Prompt{Name: "p", Arguments: []*PromptArgument{{Name: "a"}}}, func(*Context, map[string]string) (*GetPromptResult, error) {
		return filled[GetPromptResult](), nil
	})
	prompt, err := server.getPrompt(&Context{}, content.GetPromptParams{Name: "p"})
	if err != nil {
		t.Fatal(err)
	}
	server.AddCompletion("p", "a", Choices("\xff"))
	completion, err := server.complete(&Context{}, content.CompleteParams{
		Ref:      content.MakeCompletionReferencePrompt(content.PromptReference{Name: "p"}),
		Argument: content.CompleteArgument{Name: "a"},
	})
	if err != nil {
		t.Fatal(err)
	}
	contents := filled[ResourceContents]()
	contents.Blob = nil
	tool := registeredTool{Tool: *filled[Tool]()}
	resource := registeredResource{Resource: *filled[Resource]()}
	template := registeredTemplate{ResourceTemplate: *filled[ResourceTemplate]()}
	described := registeredPrompt{Prompt: *filled[Prompt]()}
	for name, record := range map[string]any{
		"server": server.record(), "tool": tool.record(), "resource": resource.record(), "template": template.record(),
		"prompt": described.record(),
		"text":   filled[TextContent]().block(), "image": filled[ImageContent]().block(), "audio": filled[AudioContent]().block(),
		"link": filled[ResourceLink]().block(), "embedded": filled[EmbeddedResource]().block(), "other": filled[OtherContent]().block(),
		"sampled text": filled[TextContent]().sampled(), "sampled image": filled[ImageContent]().sampled(),
		"sampled audio": filled[AudioContent]().sampled(), "sampled other": filled[OtherContent]().sampled(),
		"text contents": contents.record(), "blob contents": filled[ResourceContents]().record(),
		"result of a tool": result, "result of a resource": read, "result of a prompt": prompt, "completion": completion,
		"error": errorRecord(filled[Error]()), "other error": errorRecord(fmt.Errorf("\xff")),
		"sampling": filled[CreateMessageParams]().record(), "elicitation": question, "progress": progressRecord(1, 2, "\xff"),
	} {
		found := texts(reflect.ValueOf(record))
		if len(found) == 0 {
			t.Errorf("%s: expected texts, found none", name)
		}
		for _, text := range found {
			if !utf8.ValidString(text) {
				t.Errorf("%s: found %q", name, text)
			}
		}
	}
}

func TestFailuresOfToolsAreRepaired(t *testing.T) {
	server := newServer()
	AddTool(server, &Tool{Name: "fail"}, func(*Context, none) (string, error) { return "", fmt.Errorf("no \xff") })
	if found := call(server, "fail", ""); found != "no \uFFFD; failed" {
		t.Errorf("found %q", found)
	}
}
