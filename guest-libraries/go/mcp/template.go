package mcp

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A uriPattern is a URI template of the form that functions fill in: texts and variables in turn.
type uriPattern []templatePart

// A templatePart is a text, or a variable where it has a name.
type templatePart struct {
	text       string
	name       string
	isReserved bool // {+x}: any text, not decoded.
}

func parseTemplate(template string) (uriPattern, error) {
	var pattern uriPattern
	for rest := template; rest != ""; {
		before, after, found := strings.Cut(rest, "{")
		if before != "" {
			pattern = append(pattern, templatePart{text: before})
		}
		if !found {
			break
		}
		expression, following, isClosed := strings.Cut(after, "}")
		name, isReserved := strings.CutPrefix(expression, "+")
		if !isClosed || !isVariable(name) {
			return nil, fmt.Errorf("`{%s}` is not supported: write {name}, or {+name} for several segments", expression)
		}
		if pattern.has(name) {
			return nil, fmt.Errorf("the variable `%s` occurs twice", name)
		}
		pattern = append(pattern, templatePart{name: name, isReserved: isReserved})
		rest = following
	}
	return pattern, nil
}

func isVariable(name string) bool {
	for index, letter := range name {
		isLetter := letter == '_' || 'a' <= letter && letter <= 'z' || 'A' <= letter && letter <= 'Z'
		if !isLetter && (index == 0 || letter < '0' || letter > '9') {
			return false
		}
	}
	return name != ""
}

func (p uriPattern) variables() []string {
	var names []string
	for _, part := range p {
		if part.name != "" {
			names = append(names, part.name)
		}
	}
	return names
}

func (p uriPattern) has(name string) bool {
	for _, part := range p {
		if part.name == name {
			return true
		}
	}
	return false
}

// A URI whose match takes more steps than this does not match: a client cannot keep a server busy.
const maximumSteps = 100_000

// match returns the variables of a URI that has the form of the template.
//
// Variables match as little as possible, from left to right. A variable at the end of the template takes the rest.
// All libraries follow this rule.
func (p uriPattern) match(uri string) (map[string]string, bool) {
	matching := matching{variables: map[string]string{}, steps: maximumSteps}
	return matching.variables, matching.parts(p, uri)
}

// A matching is the state of one match.
type matching struct {
	variables map[string]string
	steps     int // Those that are left.
}

// spend takes steps, and returns whether there were enough.
func (m *matching) spend(steps int) bool {
	m.steps -= steps
	return m.steps >= 0
}

// parts matches parts of a template to the whole of a text.
func (m *matching) parts(parts uriPattern, text string) bool {
	if len(parts) == 0 {
		return text == ""
	}
	part, parts := parts[0], parts[1:]
	if part.name == "" {
		rest, begins := strings.CutPrefix(text, part.text)
		return begins && m.parts(parts, rest)
	}
	if len(parts) == 0 { // The last variable takes the rest.
		return m.variable(part, text)
	}
	for end := 1; end <= len(text) && m.spend(1); end++ {
		if !part.isReserved && isDelimiter(text[end-1]) {
			return false
		}
		isCharacter := end == len(text) || utf8.RuneStart(text[end])
		if isCharacter && m.parts(parts, text[end:]) && m.variable(part, text[:end]) {
			return true
		}
	}
	return false
}

// variable sets a variable, or returns false for a text that it cannot have.
func (m *matching) variable(part templatePart, text string) bool {
	if text == "" {
		return false
	}
	if !part.isReserved {
		if !m.spend(len(text)) {
			return false
		}
		decoded, isSegment := segment(text)
		if !isSegment {
			return false
		}
		text = decoded
	}
	m.variables[part.name] = text
	return true
}

// isDelimiter returns whether an octet ends a segment.
func isDelimiter(octet byte) bool {
	return octet == '/' || octet == '?' || octet == '#'
}

// segment decodes one segment of a path. It refuses one that would lead elsewhere as a path, and octets that are no
// text: a handler may put the value into its result.
func segment(text string) (string, bool) {
	if strings.ContainsAny(text, "/?#") {
		return "", false
	}
	decoded, isValid := unescape(text)
	isUnsafe := decoded == "." || decoded == ".." || strings.ContainsAny(decoded, "/\x00")
	return decoded, isValid && utf8.ValidString(decoded) && !isUnsafe
}

// unescape decodes octets that are written as %2F. The package net/url would add 230 kB to a component.
func unescape(text string) (string, bool) {
	before, rest, isEscaped := strings.Cut(text, "%")
	decoded := []byte(before)
	for isEscaped {
		if len(rest) < 2 {
			return "", false
		}
		octet, err := hex.DecodeString(rest[:2])
		if err != nil {
			return "", false
		}
		before, rest, isEscaped = strings.Cut(rest[2:], "%")
		decoded = append(append(decoded, octet...), before...)
	}
	return string(decoded), true
}
