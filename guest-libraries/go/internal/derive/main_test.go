package main

import (
	"strings"
	"testing"
)

func TestBindingsAreThoseOfTheInterface(t *testing.T) {
	if sumOf("../../../../wit") != strings.TrimSpace(read("../../"+sumFile)) {
		t.Error("the interface has changed: derive the bindings again, as the comment on package main says")
	}
}
