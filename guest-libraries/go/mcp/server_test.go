package mcp

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
	types "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_types"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

type none = struct{}

func newServer() *Server {
	return NewServer(&Implementation{Name: "test", Version: "1"}, nil)
}

// call calls a tool, and returns its answer as a short text.
func call(server *Server, name, arguments string) string {
	record, err := server.callTool(&Context{}, content.CallToolParams{Name: name, Arguments: optional(arguments)})
	if err != nil {
		answer := errorRecord(err)
		return fmt.Sprintf("%v: %s", codeOf(answer.Code), answer.Message)
	}
	var told []string
	for _, block := range record.Content {
		if block.Tag() == content.ContentBlockText {
			told = append(told, block.Text().Text)
		} else {
			told = append(told, fmt.Sprint("block ", block.Tag()))
		}
	}
	if record.StructuredContent.IsSome() {
		told = append(told, "structured "+record.StructuredContent.Some())
	}
	if record.IsError.SomeOr(false) {
		told = append(told, "failed")
	}
	return strings.Join(told, "; ")
}

type greeting struct {
	Name string `json:"name"`
}

func TestResultsOfTools(t *testing.T) {
	server := newServer()
	add := func(name string, out any, err error) {
		AddTool(server, &Tool{Name: name}, func(*Context, none) (any, error) { return out, err })
	}
	AddTool(server, &Tool{Name: "hello"}, func(ctx *Context, in greeting) (string, error) {
		return "Hello, " + in.Name, nil
	})
	AddTool(server, &Tool{Name: "struct"}, func(ctx *Context, in greeting) (greeting, error) { return in, nil })
	AddTool(server, &Tool{Name: "map"}, func(*Context, none) (map[string]int, error) { return nil, nil })
	AddTool(server, &Tool{Name: "pointer"}, func(*Context, none) (*greeting, error) { return nil, nil })
	AddTool(server, &Tool{Name: "panic"}, func(*Context, none) (string, error) { panic("oh") })
	add("nothing", nil, nil)
	add("content", []Content{&TextContent{Text: "a"}, &ImageContent{}}, nil)
	add("images", []*ImageContent{{}, {}}, nil)
	add("other", &OtherContent{json.RawMessage(`{}`)}, nil)
	add("error", nil, errors.New("the tool has failed"))
	add("refused", nil, &RequestError{CodeCancelled, "too late", nil})
	add("protocol", nil, fmt.Errorf("wrapped: %w", &Error{Code: -1, Message: "no"}))
	add("unwritable", make(chan int), nil)
	if err := server.check(); err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct{ name, arguments, expected string }{
		{"hello", `{"name": "World"}`, "Hello, World"},
		{"hello", `{"name": 1}`, "invalid-params: the arguments do not fit: json: cannot unmarshal number into Go struct field greeting.name of type string"},
		{"struct", `{"name": "<a>"}`, `{"name":"<a>"}; structured {"name":"<a>"}`},
		{"map", "", "{}; structured {}"},
		{"pointer", "", "the tool returned neither a result nor an error; failed"},
		{"panic", "", "panic: oh; failed"},
		{"nothing", "", ""},
		{"content", "", "a; block 1"},
		{"images", "", "block 1; block 1"},
		{"other", "", "block 5"},
		{"error", "", "the tool has failed; failed"},
		{"refused", "", "cancelled: too late; failed"},
		{"protocol", "", "other(-1): no"},
		{"unwritable", "", "the result cannot be written as JSON: json: unsupported type: chan int; failed"},
		{"unknown", "", "invalid-params: unknown tool: unknown"},
	} {
		if found := call(server, one.name, one.arguments); found != one.expected {
			t.Errorf("%s: expected %q, found %q", one.name, one.expected, found)
		}
	}
}

func TestMistakesNameTheirLine(t *testing.T) {
	server := newServer()
	hello := func(*Context, none) (string, error) { return "", nil }
	AddTool(server, &Tool{Name: "hello"}, hello)
	AddTool(server, &Tool{Name: "hello"}, hello)
	AddTool(server, &Tool{}, hello)
	AddTool(server, &Tool{Name: "list"}, func(*Context, none) ([]int, error) { return nil, nil })
	AddTool(server, &Tool{Name: "value"}, func(*Context, none) (greeting, error) { return greeting{}, nil })
	AddTool(server, &Tool{Name: "text"}, func(*Context, string) (string, error) { return "", nil })
	AddTool(server, &Tool{Name: "image"}, func(*Context, none) (ImageContent, error) { return ImageContent{}, nil })
	server.AddTool(&Tool{Name: "raw"}, func(*Context, json.RawMessage) (*CallToolResult, error) { return nil, nil })
	AddResource(server, &Resource{URI: "a:b"}, func(*Context) (chan int, error) { return nil, nil })
	AddResourceTemplate(server, &ResourceTemplate{URITemplate: "a:{b}"}, func(*Context, none) (string, error) { return "", nil })
	AddResourceTemplate(server, &ResourceTemplate{URITemplate: "a:b"}, func(*Context, greeting) (string, error) { return "", nil })
	AddPrompt(server, &Prompt{Name: "number"}, func(*Context, none) (int, error) { return 0, nil })
	AddPrompt(server, &Prompt{Name: "greet"}, func(*Context, greeting) (string, error) { return "", nil })
	server.AddCompletion("greet", "age", Choices("1"))
	server.AddCompletion("greeting", "name", Choices("1"))
	expected := []string{
		"tool `hello`: server_test.go:LINE has added another one of this name",
		"tool ``: it has no name",
		"tool `list`: its result: structured content is an object: expected a struct, a map, a string or content, found []int",
		"tool `text`: its arguments: expected a struct with a field for each argument, found string",
		"tool `image`: its result: expected a pointer, *mcp.ImageContent",
		"tool `raw`: it has no input schema: set InputSchema, or call mcp.AddTool",
		"resource `a:b`: its result: expected text, bytes, contents or a value that becomes JSON, found chan int",
		"resource template `a:{b}`: struct {} has no field for the variable `b`: add one with the tag `json:\"b\"`",
		"resource template `a:b`: field Name: the template has no variable `name`",
		"prompt `number`: its result: expected a string, mcp.Content, []mcp.Content, []*mcp.PromptMessage or *mcp.GetPromptResult, found int",
		"completion of `greet`: unknown argument `age`: expected one of name",
		"completion of `greeting`: there is no prompt of this name, and no such URI template",
	}
	found := strings.Split(server.check().Error(), "\n")
	if len(found) != len(expected) {
		t.Fatalf("expected %d mistakes, found %q", len(expected), found)
	}
	for index, mistake := range found {
		place, rest, _ := strings.Cut(mistake, ": ")
		if !isLine(place) {
			t.Errorf("expected a line of this file, found %q", mistake)
		}
		for _, word := range strings.Fields(rest) {
			if isLine(word) {
				rest = strings.Replace(rest, word, "server_test.go:LINE", 1)
			}
		}
		if rest != expected[index] {
			t.Errorf("expected %q, found %q", expected[index], rest)
		}
	}
}

func isLine(text string) bool {
	return isLineOf(text, "server_test.go")
}

func isLineOf(text, file string) bool {
	var line int
	count, _ := fmt.Sscanf(text, file+":%d", &line)
	return count == 1
}

func TestAServerWithoutItems(t *testing.T) {
	err := newServer().check()
	if err == nil || !strings.HasSuffix(err.Error(), ": the server `test` offers nothing: call mcp.AddTool or its like before Run") {
		t.Errorf("found %v", err)
	}
}

func TestCapabilitiesFollowFromItems(t *testing.T) {
	server := newServer()
	AddTool(server, &Tool{Name: "hello"}, func(*Context, none) (string, error) { return "", nil })
	declared := server.record().Capabilities
	if declared.Tools.IsNone() || declared.Resources.IsSome() || declared.Prompts.IsSome() || declared.Completions.IsSome() {
		t.Errorf("found %+v", declared)
	}
	server.options.SubscribeHandler = func(*Context, string) error { return nil }
	AddResource(server, &Resource{URI: "a:b"}, func(*Context) (string, error) { return "", nil })
	AddPrompt(server, &Prompt{Name: "style"}, func(ctx *Context, in struct {
		Style string `json:"style" enum:"short,long"`
	}) (string, error) {
		return in.Style, nil
	})
	declared = server.record().Capabilities
	if !declared.Resources.Some().Subscribe.Some() || declared.Prompts.IsNone() || declared.Completions.IsNone() {
		t.Errorf("found %+v", declared)
	}
}

func read(server *Server, uri string) string {
	record, err := server.readResource(&Context{uri: uri})
	if err != nil {
		answer := errorRecord(err)
		return fmt.Sprintf("%v: %s %s", codeOf(answer.Code), answer.Message, answer.Data.SomeOr(""))
	}
	var told []string
	for _, one := range record.Contents {
		if one.Tag() == content.ResourceContentsText {
			text := one.Text()
			told = append(told, fmt.Sprintf("%s %s %s", text.Uri, text.MimeType.SomeOr("-"), text.Text))
		} else {
			told = append(told, fmt.Sprintf("%s %s %v", one.Blob().Uri, one.Blob().MimeType.SomeOr("-"), one.Blob().Blob))
		}
	}
	return strings.Join(told, "; ")
}

func TestResources(t *testing.T) {
	server := newServer()
	AddResource(server, &Resource{URI: "a:text", MIMEType: "text/plain"}, func(*Context) (string, error) { return "t", nil })
	AddResource(server, &Resource{URI: "a:bytes"}, func(*Context) ([]byte, error) { return nil, nil })
	AddResource(server, &Resource{URI: "a:json"}, func(*Context) (greeting, error) { return greeting{"x"}, nil })
	AddResource(server, &Resource{URI: "a:error"}, func(*Context) (string, error) { return "", errors.New("broken") })
	type number struct {
		N int `json:"n"`
	}
	AddResourceTemplate(server, &ResourceTemplate{URITemplate: "n:{n}"}, func(ctx *Context, in number) (*string, error) {
		if in.N > 9 {
			return nil, nil
		}
		return new(fmt.Sprint(ctx.URI(), in.N)), nil
	})
	type word struct {
		Word string `json:"word"`
	}
	AddResourceTemplate(server, &ResourceTemplate{URITemplate: "n:{word}"}, func(ctx *Context, in word) (*string, error) {
		return new("word " + in.Word), nil
	})
	if err := server.check(); err != nil {
		t.Fatal(err)
	}
	notFound := func(uri string) string {
		return fmt.Sprintf(`resource-not-found: resource not found {"uri":"%s"}`, uri)
	}
	for uri, expected := range map[string]string{
		"a:text":  "a:text text/plain t",
		"a:bytes": "a:bytes - []",
		"a:json":  `a:json application/json {"name":"x"}`,
		"a:error": "internal-error: broken ",
		"n:7":     "n:7 - n:77",
		"n:10":    notFound("n:10"),
		"n:x":     "n:x - word x", // No number: left to the next template.
		"n:x/y":   notFound("n:x/y"),
		"b:":      notFound("b:"),
	} {
		if found := read(server, uri); found != expected {
			t.Errorf("%s: expected %q, found %q", uri, expected, found)
		}
	}
	if _, err := server.subscribe(&Context{uri: "b:"}); err == nil {
		t.Error("a subscription to a resource that does not exist was accepted")
	}
	if _, err := server.subscribe(&Context{uri: "n:3"}); err != nil {
		t.Error(err)
	}
}

func TestPrompts(t *testing.T) {
	server := newServer()
	AddPrompt(server, &Prompt{Name: "plan"}, func(ctx *Context, in struct {
		Day   int    `json:"day" jsonschema:"The day."`
		Style string `json:"style" enum:"short,long" default:"short" title:"Style"`
	}) ([]*PromptMessage, error) {
		return []*PromptMessage{{RoleAssistant, &TextContent{Text: fmt.Sprint(in.Day, in.Style)}}}, nil
	})
	arguments := server.prompts.byName["plan"].record().Arguments.Some()
	if arguments[0].Description.Some() != "The day." || !arguments[0].Required.Some() || arguments[1].Required.IsSome() ||
		arguments[1].Title.Some() != "Style" {
		t.Errorf("found %+v", arguments)
	}
	get := func(pairs ...wit.Tuple2[string, string]) string {
		record, err := server.getPrompt(&Context{}, content.GetPromptParams{Name: "plan", Arguments: wit.Some(pairs)})
		if err != nil {
			return err.Error()
		}
		if record.Messages[0].Role != types.RoleAssistant {
			return "another role"
		}
		return record.Messages[0].Content.Text().Text
	}
	pair := func(name, value string) wit.Tuple2[string, string] {
		return wit.Tuple2[string, string]{F0: name, F1: value}
	}
	for _, one := range []struct{ found, expected string }{
		{get(pair("day", "3")), "3short"},
		{get(pair("day", "3"), pair("style", "long")), "3long"},
		{get(), "the argument `day` is missing"},
		{get(pair("day", "x")), "the argument `day`: expected a value of type int, found \"x\""},
		{get(pair("day", "3"), pair("style", "odd")), "the argument `style`: expected one of short, long, found \"odd\""},
	} {
		if one.found != one.expected {
			t.Errorf("expected %q, found %q", one.expected, one.found)
		}
	}
}

func TestCompletion(t *testing.T) {
	server := newServer()
	AddPrompt(server, &Prompt{Name: "plan"}, func(ctx *Context, in struct {
		Style string `json:"style" enum:"short,long"`
		City  string `json:"city"`
		Day   int    `json:"day"`
	}) (string, error) {
		return "", nil
	})
	server.AddCompletion("plan", "day", func(ctx *Context, completion *Completion) ([]string, error) {
		var days []string
		for day := range 300 {
			days = append(days, fmt.Sprint(completion.Arguments["month"], day))
		}
		return days, nil
	})
	plan := content.MakeCompletionReferencePrompt(content.PromptReference{Name: "plan"})
	of := func(reference content.CompletionReference, argument, value string) (content.CompleteResult, error) {
		return server.complete(&Context{}, content.CompleteParams{
			Ref:              reference,
			Argument:         content.CompleteArgument{Name: argument, Value: value},
			ContextArguments: wit.Some([]wit.Tuple2[string, string]{{F0: "month", F1: "May "}}),
		})
	}
	complete := func(argument, value string) content.CompleteResult {
		result, err := of(plan, argument, value)
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	if found := complete("style", "l"); len(found.Values) != 1 || found.Values[0] != "long" || found.HasMore.Some() {
		t.Errorf("found %+v", found)
	}
	if found := complete("day", "May 1"); len(found.Values) != 100 || found.Total.Some() != 111 || !found.HasMore.Some() {
		t.Errorf("found %+v", found)
	}
	if found := complete("city", ""); len(found.Values) != 0 {
		t.Errorf("found %+v", found)
	}
	AddResourceTemplate(server, &ResourceTemplate{URITemplate: "hidden:{b}", IsUnlisted: true},
		func(_ *Context, in struct {
			B string `json:"b"`
		}) (string, error) {
			return in.B, nil
		})
	for _, one := range []struct {
		reference content.CompletionReference
		expected  string
	}{
		{content.MakeCompletionReferenceResourceTemplate("hidden:{b}"), "unknown resource template: hidden:{b}"},
		{plan, "unknown argument `other`: expected one of style, city, day"},
		{content.MakeCompletionReferencePrompt(content.PromptReference{Name: "x"}), "unknown prompt: x"},
		{content.MakeCompletionReferenceResourceTemplate("a:{b}"), "unknown resource template: a:{b}"},
		{content.MakeCompletionReferenceOther("{}"), "unknown kind of reference: expected ref/prompt or ref/resource"},
	} {
		_, err := of(one.reference, "other", "")
		if err == nil || codeOf(errorRecord(err).Code) != CodeInvalidParams || err.Error() != one.expected {
			t.Errorf("expected %q, found %v", one.expected, err)
		}
	}
}

func TestCodes(t *testing.T) {
	for code, name := range map[Code]string{
		CodeInvalidParams: "invalid-params", CodeCancelled: "cancelled", CodeInvalidState: "invalid-state", -1: "other(-1)",
	} {
		if code.String() != name || codeOf(code.record()) != code {
			t.Errorf("expected %s, found %v and %v", name, code, codeOf(code.record()))
		}
	}
}
