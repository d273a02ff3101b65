package mcp

import (
	"encoding/hex"
	"fmt"
	"strings"
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

// match returns the variables of a URI that has the form of the template.
func (p uriPattern) match(uri string) (map[string]string, bool) {
	variables := map[string]string{}
	return variables, p.matchInto(uri, variables)
}

func (p uriPattern) matchInto(uri string, variables map[string]string) bool {
	if len(p) == 0 {
		return uri == ""
	}
	part := p[0]
	if part.name == "" {
		rest, begins := strings.CutPrefix(uri, part.text)
		return begins && p[1:].matchInto(rest, variables)
	}
	// The longest value first, as regular expressions do.
	end := len(uri)
	if !part.isReserved {
		if stop := strings.IndexAny(uri, "/?#"); stop >= 0 {
			end = stop
		}
	}
	for ; end > 0; end-- {
		value, isValid := part.value(uri[:end])
		if isValid && p[1:].matchInto(uri[end:], variables) {
			variables[part.name] = value
			return true
		}
	}
	return false
}

// value decodes a segment, and refuses one that would lead elsewhere as a path.
func (p templatePart) value(text string) (string, bool) {
	if p.isReserved {
		return text, true
	}
	decoded, isValid := unescape(text)
	isUnsafe := decoded == "." || decoded == ".." || strings.ContainsAny(decoded, "/\x00")
	return decoded, isValid && !isUnsafe
}

// unescape decodes octets that are written as %2F. The package net/url would add 230 kB to a component.
func unescape(text string) (string, bool) {
	parts := strings.Split(text, "%")
	decoded := parts[0]
	for _, part := range parts[1:] {
		if len(part) < 2 {
			return "", false
		}
		octet, err := hex.DecodeString(part[:2])
		if err != nil {
			return "", false
		}
		decoded += string(octet) + part[2:]
	}
	return decoded, true
}
