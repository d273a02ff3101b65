package main

import (
	"os"
	"strings"
	"testing"
)

func TestThePageShowsThisServer(t *testing.T) {
	page := read(t, "../../../docs/guests/go.md")
	_, filter, _ := strings.Cut(read(t, "main.go"), "\n}\n\n// visible")
	filter, _, _ = strings.Cut("// visible"+filter, "\n}\n")
	_, world, _ := strings.Cut(read(t, "wit/0.3/world.wit"), "{\n")
	world, _, _ = strings.Cut(world, "  export wasi:mcp/resource-catalog")
	for _, shown := range []string{"```go\n" + filter + "\n}\n```\n", "```wit\n" + world + "```\n"} {
		if !strings.Contains(page, shown) {
			t.Errorf("the page does not show:\n%s", shown)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPrice(t *testing.T) {
	if text, err := price(nil, Stay{Nights: 2}); text != "2 nights cost 160." || err != nil {
		t.Errorf("found %q, %v", text, err)
	}
}
