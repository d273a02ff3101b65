package mcp

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// answersTo returns what the handlers answer about one item of each kind, and whether the lists have them.
func answersTo(t *testing.T, server *Server) map[Kind]string {
	t.Helper()
	told := func(err error) string {
		if err != nil {
			return err.Error()
		}
		return "seen"
	}
	listed := func(count int, err error) string { return fmt.Sprintf("; listed %d, %v", count, err) }
	complete := func(reference content.CompletionReference, argument string) error {
		_, err := server.complete(&Context{}, content.CompleteParams{
			Ref: reference, Argument: content.CompleteArgument{Name: argument},
		})
		return err
	}
	read := func(uri string) string {
		_, reading := server.readResource(&Context{uri: uri})
		_, subscribing := server.subscribe(&Context{uri: uri})
		return told(reading) + "; " + told(subscribing)
	}
	start := wit.None[string]()
	tools, _, toolsErr := page(server, &Context{}, &server.tools, start)
	resources, _, resourcesErr := page(server, &Context{}, &server.resources, start)
	templates, _, templatesErr := page(server, &Context{}, &server.templates, start)
	prompts, _, promptsErr := page(server, &Context{}, &server.prompts, start)
	_, getting := server.getPrompt(&Context{}, content.GetPromptParams{Name: "p"})
	return map[Kind]string{
		KindTool:     call(server, "t", "") + listed(len(tools), toolsErr),
		KindResource: read("r:") + listed(len(resources), resourcesErr),
		KindResourceTemplate: read("r:x") + "; " + told(complete(content.MakeCompletionReferenceResourceTemplate("r:{name}"), "name")) +
			listed(len(templates), templatesErr),
		KindPrompt: told(getting) + "; " + told(complete(content.MakeCompletionReferencePrompt(content.PromptReference{Name: "p"}), "a")) +
			listed(len(prompts), promptsErr),
	}
}

func TestHiddenItemsAreUnknown(t *testing.T) {
	names := map[Kind]string{KindTool: "t", KindResource: "r:", KindResourceTemplate: "r:{name}", KindPrompt: "p"}
	seen := map[Kind]string{
		KindTool:             "; listed 1, <nil>",
		KindResource:         "seen; seen; listed 1, <nil>",
		KindResourceTemplate: "seen; seen; seen; listed 1, <nil>",
		KindPrompt:           "seen; unknown argument `a`: expected one of ; listed 1, <nil>",
	}
	hidden := map[Kind]string{
		KindTool:     "invalid-params: unknown tool: t; listed 0, <nil>",
		KindResource: "resource not found; resource not found; listed 0, <nil>",
		KindResourceTemplate: "resource not found; resource not found; unknown resource template: r:{name}; " +
			"listed 0, <nil>",
		KindPrompt: "unknown prompt: p; unknown prompt: p; listed 0, <nil>",
	}
	for hiddenKind := range names {
		server := NewServer(&Implementation{Name: "test"}, &ServerOptions{Visible: func(ctx *Context, kind Kind, name string) bool {
			if name != names[kind] {
				t.Errorf("expected the %s %q, found %q", kind, names[kind], name)
			}
			return kind != hiddenKind
		}})
		addOneOfEach(server, false)
		for kind, found := range answersTo(t, server) {
			expected := seen[kind]
			if kind == hiddenKind {
				expected = hidden[kind]
			}
			if found != expected {
				t.Errorf("a hidden %s: the %s: expected %q, found %q", hiddenKind, kind, expected, found)
			}
		}
	}
}

func TestAHiddenTemplateLeavesItsResourcesToTheNext(t *testing.T) {
	server := NewServer(&Implementation{Name: "test"}, &ServerOptions{Visible: func(ctx *Context, kind Kind, name string) bool {
		return name != "a:{name}"
	}})
	for _, template := range []string{"a:{name}", "a:{+name}"} {
		AddResourceTemplate(server, &ResourceTemplate{URITemplate: template}, func(*Context, greeting) (string, error) { return template, nil })
	}
	if found := read(server, "a:b"); found != "a:b - a:{+name}" {
		t.Errorf("found %q", found)
	}
}

func TestNoTemplateShowsAHiddenResource(t *testing.T) {
	server := NewServer(&Implementation{Name: "test"}, &ServerOptions{Visible: func(ctx *Context, kind Kind, name string) bool {
		return kind != KindResource
	}})
	AddResource(server, &Resource{URI: "a:b"}, func(*Context) (string, error) { return "", nil })
	AddResourceTemplate(server, &ResourceTemplate{URITemplate: "a:{name}"}, func(ctx *Context, in greeting) (string, error) { return in.Name, nil })
	for uri, expected := range map[string]string{
		"a:b": `resource-not-found: resource not found {"uri":"a:b"}`,
		"a:c": "a:c - c",
	} {
		if found := read(server, uri); found != expected {
			t.Errorf("%s: expected %q, found %q", uri, expected, found)
		}
	}
}

func TestPagesOfWhatARequestSeesAreFull(t *testing.T) {
	asked := 0
	server := NewServer(&Implementation{Name: "test"}, &ServerOptions{Visible: func(ctx *Context, kind Kind, name string) bool {
		asked++
		return strings.HasSuffix(name, "0") // Every tenth.
	}})
	addPrompts(server, 0, 1001)
	pages := promptPages(t, server)
	if found := mapped(pages, func(names []string) int { return len(names) }); !slices.Equal(found, []int{100, 1}) {
		t.Errorf("found pages of %v", found)
	}
	if asked > 1001+10 {
		t.Errorf("asked %d times about 1001 prompts", asked)
	}
	asked = 0
	addPrompts(server, 1001, 5000)
	if _, _, err := promptPage(server, wit.None[string]()); err != nil || asked > 1001 {
		t.Errorf("asked %d times for the first page, %v", asked, err)
	}
}

func TestABackendHasNoFilter(t *testing.T) {
	newHost(t)
	server := NewServer(&Implementation{Name: "test"}, &ServerOptions{Visible: func(*Context, Kind, string) bool { return true }})
	AddTool(server, &Tool{}, func(*Context, none) (string, error) { return "", nil })
	err := server.register()
	if err == nil {
		t.Fatal("the option was accepted")
	}
	_, last, _ := strings.Cut(err.Error(), "\n")
	place, rest, _ := strings.Cut(last, ": ")
	if !isLineOf(place, "visible_test.go") || rest != "the option Visible: only a service has lists that vary: include wasi:mcp/service in "+
		"the world instead of wasi:mcp/backend, and export the catalogs" {
		t.Errorf("found %q", err)
	}
}
