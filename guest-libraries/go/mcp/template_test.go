package mcp

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// The cases are those of all libraries.
func TestTemplatesMatch(t *testing.T) {
	cases, err := os.ReadFile("../../uri-templates.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(cases)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(cells) != 3 {
			t.Fatalf("three cells are expected: %s", line)
		}
		template, uri, expected := cells[0], cells[1], cells[2]
		pattern, err := parseTemplate(template)
		if err != nil {
			if expected != "!" {
				t.Errorf("%s: %v", template, err)
			}
			continue
		}
		variables, matches := pattern.match(uri)
		found := "-"
		if matches {
			text, err := json.Marshal(variables) // Sorted, as the cases are.
			if err != nil {
				t.Fatal(err)
			}
			found = string(text)
		}
		if unescaped, err := canonical(expected); err != nil || found != unescaped {
			t.Errorf("%s of %s: expected %s, found %s", uri, template, expected, found)
		}
	}
}

// canonical returns JSON as the package json writes it, and other texts as they are.
func canonical(text string) (string, error) {
	if !strings.HasPrefix(text, "{") {
		return text, nil
	}
	var variables map[string]string
	if err := json.Unmarshal([]byte(text), &variables); err != nil {
		return "", err
	}
	written, err := json.Marshal(variables)
	return string(written), err
}

func TestTemplatesThatAreNotSupported(t *testing.T) {
	for template, expected := range map[string]string{
		"a:{?x}":   "`{?x}` is not supported: write {name}, or {+name} for several segments",
		"a:{x,y}":  "`{x,y}` is not supported: write {name}, or {+name} for several segments",
		"a:{x":     "`{x}` is not supported: write {name}, or {+name} for several segments",
		"a:{}":     "`{}` is not supported: write {name}, or {+name} for several segments",
		"a:{x}{x}": "the variable `x` occurs twice",
	} {
		if _, err := parseTemplate(template); err == nil || err.Error() != expected {
			t.Errorf("%s: expected the error %q, found %v", template, expected, err)
		}
	}
}

// Each URI matches its template after a number of steps that grows with its parts.
func TestTemplatesStopAfterManySteps(t *testing.T) {
	for _, one := range []struct {
		template string
		uri      func(parts int) string
		most     int // The parts that 100,000 steps suffice for.
	}{
		// 403 steps for each part: one for each character that {+a} ends at, and for each that {b} ends at.
		{"a:{+a}-{b}=z", func(parts int) string {
			return "a:" + strings.Repeat("-"+strings.Repeat("q", 200)+"/", parts) + "-q=z"
		}, 248},
		// A step for each slash that {+a} ends at, and one for each character that {b} then has.
		{"a:{+a}{b}", func(parts int) string { return "a:" + strings.Repeat("/", parts) + "b" }, 445},
	} {
		pattern, err := parseTemplate(one.template)
		if err != nil {
			t.Fatal(err)
		}
		for parts, expected := range map[int]bool{1: true, one.most: true, one.most + 1: false} {
			if _, matches := pattern.match(one.uri(parts)); matches != expected {
				t.Errorf("%s with %d parts: expected a match: %v, found %v", one.template, parts, expected, matches)
			}
		}
	}
}
