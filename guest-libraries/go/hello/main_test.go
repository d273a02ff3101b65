package main

import (
	"os"
	"strings"
	"testing"
)

func TestThePagesShowThisServer(t *testing.T) {
	source, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	whole := string(source)
	for path, shown := range map[string]string{
		"../../../docs/guests/go.md": whole,
		"../README.md":               whole[strings.Index(whole, "type Person"):],
	} {
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(page), "```go\n"+shown+"```\n") {
			t.Errorf("%s does not show main.go as it is", path)
		}
	}
}

func TestHello(t *testing.T) {
	if text, err := hello(nil, Person{"World"}); text != "Hello, World!" || err != nil {
		t.Errorf("found %q, %v", text, err)
	}
}
