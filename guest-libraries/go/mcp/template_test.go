package mcp

import (
	"maps"
	"strings"
	"testing"
)

func TestTemplatesMatch(t *testing.T) {
	for _, one := range []struct {
		template, uri string
		expected      map[string]string
	}{
		{"notes://{day}", "notes://7", map[string]string{"day": "7"}},
		{"notes://{day}", "notes://", nil},
		{"notes://{day}", "notes://a/b", nil},
		{"notes://{day}", "notes://a%20b", map[string]string{"day": "a b"}},
		{"notes://{day}", "notes://a%2Fb", nil},
		{"notes://{day}", "notes://..", nil},
		{"notes://{day}", "notes://%2e%2e", nil},
		{"notes://{day}", "notes://%zz", nil},
		{"notes://{day}", "notes://a%", nil},
		{"notes://{day}", "notes://%2", nil},
		{"notes://{day}", "notes://%C3%BC%41", map[string]string{"day": "üA"}},
		{"notes://{day}", "notes://a?b", nil},
		{"a:{x}/data", "a:1/data", map[string]string{"x": "1"}},
		{"a:{x}/data", "a:1/date", nil},
		{"a:{x}-{y}", "a:1-2-3", map[string]string{"x": "1", "y": "2-3"}},
		{"a:{x}-{y}-z", "a:1-2-z-z", map[string]string{"x": "1", "y": "2-z"}},
		{"a:{x}{+y}", "a:%41%42", map[string]string{"x": "A", "y": "%42"}},
		{"a:{+x}{+y}", "a:üä", map[string]string{"x": "ü", "y": "ä"}},
		{"a:{+x}/{y}", "a:b/c/d", map[string]string{"x": "b/c", "y": "d"}},
		{"notes://{day}", "notes://%FF", nil},
		{"notes://{day}", "notes://%C3", nil},
		{"file://{+path}", "file:///a/../b%20", map[string]string{"path": "/a/../b%20"}},
		{"a:{+x}.txt", "a:b/c.txt", map[string]string{"x": "b/c"}},
	} {
		pattern, err := parseTemplate(one.template)
		if err != nil {
			t.Fatal(err)
		}
		found, matches := pattern.match(one.uri)
		if matches != (one.expected != nil) || matches && !maps.Equal(found, one.expected) {
			t.Errorf("%s of %s: expected %v, found %v, %v", one.uri, one.template, one.expected, found, matches)
		}
	}
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
