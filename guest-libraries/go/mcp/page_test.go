package mcp

import (
	"fmt"
	"slices"
	"testing"

	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// addPrompts adds prompts with the names p0, p1 and so on.
func addPrompts(server *Server, from, to int) {
	for number := from; number < to; number++ {
		server.AddPrompt(&Prompt{Name: fmt.Sprint("p", number)}, nil)
	}
}

// promptPage returns the names of the prompts on a page, and the cursor of the next, or an empty text.
func promptPage(server *Server, cursor wit.Option[string]) ([]string, string, error) {
	prompts, next, err := page(server, &Context{}, &server.prompts, cursor)
	return mapped(prompts, func(prompt content.Prompt) string { return prompt.Name }), next.SomeOr(""), err
}

// promptPages returns the names on each page.
func promptPages(t *testing.T, server *Server) [][]string {
	t.Helper()
	var pages [][]string
	cursor := wit.None[string]()
	for {
		names, next, err := promptPage(server, cursor)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, names)
		if next == "" {
			return pages
		}
		cursor = wit.Some(next)
	}
}

func TestPagesHave100ItemsInTheirOrder(t *testing.T) {
	for count, expected := range map[int][]int{0: {0}, 1: {1}, 100: {100}, 101: {100, 1}, 200: {100, 100}, 250: {100, 100, 50}} {
		server := newServer()
		addPrompts(server, 0, count)
		pages := promptPages(t, server)
		if found := mapped(pages, func(names []string) int { return len(names) }); !slices.Equal(found, expected) {
			t.Errorf("%d prompts: expected pages of %v, found %v", count, expected, found)
		}
		if found := slices.Concat(pages...); !slices.Equal(found, server.prompts.names) {
			t.Errorf("%d prompts: found %v", count, found)
		}
	}
}

func TestCursorsStayValidWhenTheListChanges(t *testing.T) {
	newHost(t)
	server := newServer()
	addPrompts(server, 0, 150)
	_, cursor, err := promptPage(server, wit.None[string]())
	if err != nil || cursor != "99" {
		t.Fatalf("found the cursor %q, %v", cursor, err)
	}
	// Items of the first page, among them the one that the cursor names, one of the second, and one that comes back.
	server.RemovePrompts("p0", "p99", "p120", "p5")
	addPrompts(server, 150, 152)
	addPrompts(server, 5, 6)
	found, next, err := promptPage(server, wit.Some(cursor))
	var expected []string
	for number := 100; number < 152; number++ {
		if number != 120 {
			expected = append(expected, fmt.Sprint("p", number))
		}
	}
	if expected = append(expected, "p5"); err != nil || next != "" || !slices.Equal(found, expected) {
		t.Errorf("expected %v, found %v, %q, %v", expected, found, next, err)
	}
	server.RemovePrompts(found...)
	if found, next, err := promptPage(server, wit.Some(cursor)); len(found) > 0 || next != "" || err != nil {
		t.Errorf("expected an empty page, found %v, %q, %v", found, next, err)
	}
}

func TestSerialNumbersAreNotUsedAgain(t *testing.T) {
	newHost(t)
	server := newServer()
	addPrompts(server, 0, 102)
	server.RemovePrompts("p100", "p101")
	addPrompts(server, 102, 104)
	found, _, err := promptPage(server, wit.Some("101"))
	if expected := []string{"p102", "p103"}; err != nil || !slices.Equal(found, expected) {
		t.Errorf("expected %v, found %v, %v", expected, found, err)
	}
}

func TestForeignCursorsAreRefused(t *testing.T) {
	server := newServer()
	addPrompts(server, 0, 120)
	foreign := []string{
		"", "x", "-1", "-0", "+1", "01", "1e2", "1.0", " 1", "1 ", "0x1", "1_0", "١", "120", "99999999999999999999999",
	}
	for _, cursor := range foreign {
		_, _, err := promptPage(server, wit.Some(cursor))
		if err == nil || codeOf(errorRecord(err).Code) != CodeInvalidParams || err.Error() != "unknown cursor: "+cursor {
			t.Errorf("%q: found %v", cursor, err)
		}
	}
	// Each kind has numbers of its own.
	AddTool(server, &Tool{Name: "t"}, func(*Context, none) (string, error) { return "", nil })
	if _, _, err := page(server, &Context{}, &server.tools, wit.Some("99")); err == nil {
		t.Error("a cursor of prompts was accepted for tools")
	}
}

func TestUnlistedItemsAreOnNoPage(t *testing.T) {
	server := newServer()
	addOneOfEach(server, true)
	resources, _, _ := page(server, &Context{}, &server.resources, wit.None[string]())
	templates, _, _ := page(server, &Context{}, &server.templates, wit.None[string]())
	if len(resources)+len(templates) > 0 {
		t.Errorf("found %v and %v", resources, templates)
	}
}
