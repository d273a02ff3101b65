package mcp

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	exports "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/exports"
	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
	request "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_context"
	types "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_types"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// newService returns a service, and the host that notes what it reports.
func newService(t *testing.T, options *ServerOptions) (*Server, *fakeHost) {
	host := newHost(t)
	replace(t, &toolsChanged, func() { host.answer("tools changed") })
	replace(t, &resourcesChanged, func() { host.answer("resources changed") })
	replace(t, &promptsChanged, func() { host.answer("prompts changed") })
	server := NewServer(&Implementation{Name: "test", Version: "1"}, options)
	server.own()
	return server, host
}

// droppedRequest returns a context of the bindings that is dropped without a host.
func droppedRequest() *request.RequestContext {
	ctx := request.RequestContextFromOwnHandle(1)
	ctx.TakeHandle()
	return ctx
}

// errorOf returns the error of an export's result, or nil.
func errorOf[T any](result wit.Result[T, types.Error]) error {
	_, err := finished(result)
	return err
}

// callsOfExports calls each export of a service that has one item of each kind.
var callsOfExports = map[string]func() error{
	"get-server":     func() error { return errorOf(exports.GetServer()) },
	"list-tools":     func() error { return errorOf(exports.ListTools(droppedRequest(), wit.None[string]())) },
	"list-resources": func() error { return errorOf(exports.ListResources(droppedRequest(), wit.None[string]())) },
	"list-resource-templates": func() error {
		return errorOf(exports.ListResourceTemplates(droppedRequest(), wit.None[string]()))
	},
	"list-prompts": func() error { return errorOf(exports.ListPrompts(droppedRequest(), wit.None[string]())) },
	"call-tool":    func() error { return errorOf(exports.CallTool(droppedRequest(), content.CallToolParams{Name: "t"})) },
	"read-resource": func() error {
		return errorOf(exports.ReadResource(droppedRequest(), content.ReadResourceParams{Uri: "r:"}))
	},
	"subscribe":   func() error { return errorOf(exports.Subscribe(droppedRequest(), "r:")) },
	"unsubscribe": func() error { return errorOf(exports.Unsubscribe(droppedRequest(), "r:")) },
	"get-prompt":  func() error { return errorOf(exports.GetPrompt(droppedRequest(), content.GetPromptParams{Name: "p"})) },
	"complete": func() error {
		return errorOf(exports.Complete(droppedRequest(), content.CompleteParams{
			Ref: content.MakeCompletionReferenceResourceTemplate("r:{name}"), Argument: content.CompleteArgument{Name: "name"},
		}))
	},
	"initialized":   func() error { exports.Initialized(droppedRequest()); return nil },
	"roots-changed": func() error { exports.RootsChanged(droppedRequest()); return nil },
}

// resetExports leaves the exports without handlers until the test ends.
func resetExports(t *testing.T) {
	replace(t, &exports.GetServer, nil)
	replace(t, &exports.ListTools, nil)
	replace(t, &exports.ListResources, nil)
	replace(t, &exports.ListResourceTemplates, nil)
	replace(t, &exports.ListPrompts, nil)
	replace(t, &exports.CallTool, nil)
	replace(t, &exports.ReadResource, nil)
	replace(t, &exports.Subscribe, nil)
	replace(t, &exports.Unsubscribe, nil)
	replace(t, &exports.GetPrompt, nil)
	replace(t, &exports.Complete, nil)
	replace(t, &exports.Initialized, nil)
	replace(t, &exports.RootsChanged, nil)
}

func TestAnyExportIsCalledFirst(t *testing.T) {
	for name, first := range callsOfExports {
		resetExports(t)
		made, notified := 0, 0
		setFirstHandlers(func() error {
			made++
			notify := func(*Context) { notified++ }
			server, _ := newService(t, &ServerOptions{InitializedHandler: notify, RootsListChangedHandler: notify})
			addOneOfEach(server, false)
			setHandlers(server)
			setCatalogs(server)
			return server.open()
		})
		if err := first(); err != nil {
			t.Errorf("%s as the first: %v", name, err)
		}
		for other, call := range callsOfExports {
			if err := call(); err != nil {
				t.Errorf("%s after %s: %v", other, name, err)
			}
		}
		if made != 1 || notified < 2 {
			t.Errorf("%s as the first: the server was made %d times and notified %d times", name, made, notified)
		}
	}
}

func TestMistakesFailEachExport(t *testing.T) {
	for name, first := range callsOfExports {
		resetExports(t)
		made, served := 0, 0
		setFirstHandlers(func() error {
			made++
			server, _ := newService(t, &ServerOptions{InitializedHandler: func(*Context) { served++ }})
			server.AddTool(&Tool{Name: "t"}, nil)
			setHandlers(server)
			setCatalogs(server)
			if err := server.check(); err == nil {
				t.Error("the tool was accepted")
			}
			return server.open()
		})
		_ = first()
		for other, call := range callsOfExports {
			err := call()
			isNotification := other == "initialized" || other == "roots-changed"
			if !isNotification && (err == nil || !errors.As(err, new(*RequestError)) || err.(*RequestError).Code != CodeInternalError) {
				t.Errorf("%s after %s: found %v", other, name, err)
			}
		}
		if made != 1 || served != 0 {
			t.Errorf("%s as the first: the server was made %d times and served %d times", name, made, served)
		}
	}
}

func TestAFailedStartInANotificationIsWritten(t *testing.T) {
	for _, name := range []string{"initialized", "roots-changed"} {
		resetExports(t)
		file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		replace(t, &os.Stderr, file)
		setFirstHandlers(func() error { return errors.New("main.go:1: a mistake") })
		for range 2 {
			_ = callsOfExports[name]()
		}
		written, err := os.ReadFile(file.Name())
		line := name + " failed: main.go:1: a mistake\n"
		if err != nil || string(written) != line+line {
			t.Errorf("found %q, %v", written, err)
		}
	}
}

func TestTheDescriptionOfAServiceIsThatOfABackend(t *testing.T) {
	service, _ := newService(t, &ServerOptions{Instructions: "i", ListChanged: true})
	setCatalogs(service)
	addOneOfEach(service, false)
	if err := service.open(); err != nil {
		t.Fatal(err)
	}
	backend := NewServer(&service.info, &ServerOptions{Instructions: "i", ListChanged: true})
	addOneOfEach(backend, false)
	expected := fmt.Sprint(backend.record())
	// It stays the same when the lists change.
	service.RemoveTools("t")
	if found := fmt.Sprint(exports.GetServer().Ok()); found != expected {
		t.Errorf("expected %s, found %s", expected, found)
	}
}

func TestAServiceReportsItsChanges(t *testing.T) {
	server, host := newService(t, &ServerOptions{ListChanged: true})
	addOneOfEach(server, false)
	addPrompts(server, 0, 1)
	server.RemovePrompts("p0")
	host.expect(t)
	if err := server.open(); err != nil {
		t.Fatal(err)
	}
	server.RemoveTools("t")
	server.RemoveResources("r:")
	server.RemoveResourceTemplates("r:{name}")
	server.RemovePrompts("p")
	changes := []string{"tools changed", "resources changed", "resources changed", "prompts changed"}
	host.expect(t, changes...)
	addOneOfEach(server, true)
	host.expect(t, "tools changed", "prompts changed")
	server.RemoveResources("r:") // An unlisted one.
	host.expect(t)
	for expected, remove := range map[string]func(){
		`invalid-params: there is no tool "x"`:              func() { server.RemoveTools("t", "x") },
		`invalid-params: there is no tool "t"`:              func() { server.RemoveTools("t", "t") },
		`invalid-params: there is no resource "x"`:          func() { server.RemoveResources("x") },
		`invalid-params: there is no resource template "x"`: func() { server.RemoveResourceTemplates("x") },
		`invalid-params: there is no prompt "x"`:            func() { server.RemovePrompts("x") },
	} {
		if found := panicOf(remove); found != expected {
			t.Errorf("expected %q, found %q", expected, found)
		}
	}
	host.expect(t)
	if !slices.Equal(server.tools.names, []string{"t"}) {
		t.Errorf("found the tools %v", server.tools.names)
	}
}

func TestUndeclaredChangesAreNotReported(t *testing.T) {
	server, host := newService(t, nil)
	addOneOfEach(server, false)
	if err := server.open(); err != nil {
		t.Fatal(err)
	}
	server.RemoveTools("t")
	addPrompts(server, 0, 1)
	host.expect(t)
}

func TestChangesOfAnUndeclaredListAreNotReported(t *testing.T) {
	server, host := newService(t, &ServerOptions{ListChanged: true})
	AddTool(server, &Tool{Name: "t"}, func(*Context, none) (string, error) { return "", nil })
	if err := server.open(); err != nil {
		t.Fatal(err)
	}
	addPrompts(server, 0, 1)
	AddResource(server, &Resource{URI: "r:"}, func(*Context) (string, error) { return "", nil })
	host.expect(t)
	server.RemoveTools("t") // The capability stays.
	host.expect(t, "tools changed")
}

func TestAServiceChecksArguments(t *testing.T) {
	server, _ := newService(t, nil)
	hello := func(ctx *Context, in greeting) (string, error) { return "Hello, " + in.Name, nil }
	AddTool(server, &Tool{Name: "hello"}, hello)
	server.AddTool(&Tool{Name: "raw", InputSchema: json.RawMessage(`{"properties": {"a": {"type": "string"}}, "additionalProperties": false}`)},
		func(*Context, json.RawMessage) (*CallToolResult, error) { return &CallToolResult{}, nil })
	for _, one := range []struct{ name, arguments, expected string }{
		{"hello", `{"name": "World", "more": 1}`, "Hello, World"},
		{"hello", "", "invalid-params: the arguments do not fit: name is missing"},
		{"hello", `{"NAME": "World"}`, "invalid-params: the arguments do not fit: name is missing"},
		{"hello", `{"name": null}`, "invalid-params: the arguments do not fit: name: expected a value of type string, found null"},
		{"raw", `{"a": "b"}`, ""},
		{"raw", `{"a": 1}`, "invalid-params: the arguments do not fit: a: expected a value of type string, found 1"},
		{"raw", `{"b": 1}`, "invalid-params: the arguments do not fit: b: unknown member"},
	} {
		if found := call(server, one.name, one.arguments); found != one.expected {
			t.Errorf("%s %s: expected %q, found %q", one.name, one.arguments, one.expected, found)
		}
	}
}

func TestRequiredArgumentsOfPromptsAreChecked(t *testing.T) {
	server := newServer()
	server.AddPrompt(&Prompt{Name: "p", Arguments: []*PromptArgument{{Name: "a", Required: true}, {Name: "b"}}},
		func(*Context, map[string]string) (*GetPromptResult, error) { return &GetPromptResult{}, nil })
	_, err := server.getPrompt(&Context{}, content.GetPromptParams{Name: "p"})
	if err == nil || codeOf(errorRecord(err).Code) != CodeInvalidParams || err.Error() != "the argument `a` is missing" {
		t.Errorf("found %v", err)
	}
	given := wit.Some([]wit.Tuple2[string, string]{{F0: "a", F1: ""}})
	if _, err := server.getPrompt(&Context{}, content.GetPromptParams{Name: "p", Arguments: given}); err != nil {
		t.Error(err)
	}
}
