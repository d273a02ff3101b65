package mcp

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	capabilities "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_capabilities"
	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
	request "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_context"
	types "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_types"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

type answerOfHost = wit.Result[wit.Unit, types.Error]

// replace sets a variable until the test ends.
func replace[T any](t *testing.T, variable *T, value T) {
	before := *variable
	*variable = value
	t.Cleanup(func() { *variable = before })
}

// A fakeHost notes the calls of the host's functions, and refuses the one that it names.
type fakeHost struct {
	calls   []string
	refused string
}

func (h *fakeHost) answer(call string) answerOfHost {
	h.calls = append(h.calls, call)
	if name, _, _ := strings.Cut(call, " "); name == h.refused {
		return wit.Err[wit.Unit](types.Error{Code: types.MakeErrorCodeInternalError(), Message: "no"})
	}
	return wit.Ok[wit.Unit, types.Error](wit.Unit{})
}

// noting returns a function of the host that notes the names of the records.
func noting[R any](h *fakeHost, call string, name func(R) string) func([]R) answerOfHost {
	return func(records []R) answerOfHost {
		return h.answer(strings.Join(append([]string{call}, mapped(records, name)...), " "))
	}
}

func newHost(t *testing.T) *fakeHost {
	host := &fakeHost{}
	itself := func(name string) string { return name }
	replace(t, &registerServer, func(capabilities.Server) answerOfHost { return host.answer("server") })
	replace(t, &registerTools, noting(host, "tools", func(r content.Tool) string { return r.Name }))
	replace(t, &registerResources, noting(host, "resources", func(r content.Resource) string { return r.Uri }))
	replace(t, &registerResourceTemplates, noting(host, "templates", func(r content.ResourceTemplate) string { return r.UriTemplate }))
	replace(t, &registerPrompts, noting(host, "prompts", func(r content.Prompt) string { return r.Name }))
	replace(t, &unregisterTools, noting(host, "-tools", itself))
	replace(t, &unregisterResources, noting(host, "-resources", itself))
	replace(t, &unregisterResourceTemplates, noting(host, "-templates", itself))
	replace(t, &unregisterPrompts, noting(host, "-prompts", itself))
	replace(t, &serve, func() answerOfHost { return host.answer("serve") })
	return host
}

// addOneOfEach adds a tool, a resource, a template and a prompt.
func addOneOfEach(server *Server, isUnlisted bool) {
	AddTool(server, &Tool{Name: "t"}, func(*Context, none) (string, error) { return "", nil })
	AddResource(server, &Resource{URI: "r:", IsUnlisted: isUnlisted}, func(*Context) (string, error) { return "", nil })
	AddResourceTemplate(server, &ResourceTemplate{URITemplate: "r:{name}", IsUnlisted: isUnlisted},
		func(*Context, greeting) (string, error) { return "", nil })
	AddPrompt(server, &Prompt{Name: "p"}, func(*Context, none) (string, error) { return "", nil })
}

// panicOf returns what a function panics with, or an empty text.
func panicOf(function func()) (message string) {
	defer func() {
		if value := recover(); value != nil {
			message = value.(error).Error()
		}
	}()
	function()
	return ""
}

func (h *fakeHost) expect(t *testing.T, expected ...string) {
	t.Helper()
	if !slices.Equal(h.calls, expected) {
		t.Errorf("expected the calls %q, found %q", expected, h.calls)
	}
	h.calls = nil
}

func TestTheServerIsRegistered(t *testing.T) {
	host, server := newHost(t), newServer()
	addOneOfEach(server, true)
	if err := server.register(); err != nil || !server.isRunning {
		t.Errorf("found %v", err)
	}
	host.expect(t, "server", "tools t", "resources", "templates", "prompts p", "serve")
}

func TestTheFirstRefusalEndsTheStart(t *testing.T) {
	all := []string{"server", "tools t", "resources r:", "templates r:{name}", "prompts p", "serve"}
	for index, call := range all {
		host, server := newHost(t), newServer()
		host.refused, _, _ = strings.Cut(call, " ")
		addOneOfEach(server, false)
		if err := server.register(); err == nil || err.Error() != "internal-error: no" || server.isRunning {
			t.Errorf("%s: found %v", call, err)
		}
		host.expect(t, all[:index+1]...)
	}
}

func TestARunningServerChangesItsLists(t *testing.T) {
	host, server := newHost(t), newServer()
	server.isRunning = true
	addOneOfEach(server, false)
	host.expect(t, "tools t", "resources r:", "templates r:{name}", "prompts p")

	for _, add := range []func(){
		func() { server.AddTool(&Tool{Name: "t", InputSchema: json.RawMessage("{}")}, nil) },
		func() { server.AddResource(&Resource{URI: "r:"}, nil) },
		func() {
			AddResourceTemplate(server, &ResourceTemplate{URITemplate: "r:{name}"}, func(*Context, greeting) (string, error) { return "", nil })
		},
		func() { server.AddPrompt(&Prompt{Name: "p"}, nil) },
	} {
		if found := panicOf(add); !strings.HasSuffix(found, " has added another one of this name") {
			t.Errorf("found %q", found)
		}
	}
	host.expect(t)

	server.RemoveTools("t")
	server.RemoveResources("r:")
	server.RemoveResourceTemplates("r:{name}")
	server.RemovePrompts("p")
	host.expect(t, "-tools t", "-resources r:", "-templates r:{name}", "-prompts p")
	if _, err := server.findResource(&Context{uri: "r:x"}); err == nil || len(server.tools.names)+len(server.prompts.names) > 0 {
		t.Error("items that were removed are still there")
	}
}

func TestTheHostRefusesAChange(t *testing.T) {
	host, server := newHost(t), newServer()
	server.isRunning = true
	host.refused = "tools"
	if found := panicOf(func() { addOneOfEach(server, false) }); found != "internal-error: no" || len(server.tools.names) > 0 {
		t.Errorf("found %q, and the tools %v", found, server.tools.names)
	}
	host.refused = ""
	addOneOfEach(server, false)
	host.refused = "-resources"
	if found := panicOf(func() { server.RemoveResources("r:") }); found != "internal-error: no" || len(server.resources.names) == 0 {
		t.Errorf("found %q, and the resources %v", found, server.resources.names)
	}
}

func TestUnlistedItemsAreRemovedWithoutTheHost(t *testing.T) {
	host, server := newHost(t), newServer()
	addOneOfEach(server, true)
	AddResource(server, &Resource{URI: "listed:"}, func(*Context) (string, error) { return "", nil })
	server.RemoveResources("r:", "listed:", "unknown:")
	server.RemoveResourceTemplates("r:{name}")
	host.expect(t, "-resources listed: unknown:")
	if _, err := server.findResource(&Context{uri: "r:x"}); err == nil || len(server.resources.names) > 0 {
		t.Error("items that were removed are still there")
	}
}

func TestNamesAreText(t *testing.T) {
	newHost(t)
	server := newServer()
	server.isRunning = true
	found := panicOf(func() { server.AddPrompt(&Prompt{Name: "\xff"}, nil) })
	if found != "its name is not UTF-8" {
		t.Errorf("found %q", found)
	}
}

func TestTextsOfNotificationsAreRepaired(t *testing.T) {
	var found []string
	replace(t, &resourceUpdated, func(uri string, part wit.Option[string]) { found = append(found, uri, part.Some()) })
	replace(t, &sendLog, func(_ wit.Option[*request.RequestContext], _ uint8, logger wit.Option[string], data string) answerOfHost {
		found = append(found, logger.Some(), data)
		return wit.Ok[wit.Unit, types.Error](wit.Unit{})
	})
	replace(t, &unregisterTools, func(names []string) answerOfHost {
		found = append(found, names...)
		return wit.Ok[wit.Unit, types.Error](wit.Unit{})
	})
	server := newServer()
	server.ResourceUpdated("a:\xff", "b:\xff")
	if err := server.Log(LogInfo, "c\xff", json.RawMessage("\"d\xff\"")); err != nil {
		t.Error(err)
	}
	server.RemoveTools("e\xff")
	expected := []string{"a:\uFFFD", "b:\uFFFD", "c\uFFFD", `"d` + "\uFFFD" + `"`, "e\uFFFD"}
	if !slices.Equal(found, expected) {
		t.Errorf("expected %q, found %q", expected, found)
	}
}
