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

func TestTheVariantsMayDifferInVersionsAndFurtherFunctions(t *testing.T) {
	const package2 = "package a\n\nimport (\n)\n\ntype B struct {\n\tC int\n}\n\n//go:wasmimport a:b@0.2.0-draft2 d\nfunc d() {\n\tprint(1)\n}\n"
	package3 := strings.ReplaceAll(package2, "0.2.0", "0.3.0") + "\nfunc wait() {\n\tprint(2)\n}\n"
	if found := difference(package2, package3); found != "" {
		t.Errorf("found a difference: %s", found)
	}
	if found := difference(package2, strings.ReplaceAll(package3, "print(1)", "print(3)")); !strings.Contains(found, "print(1)") {
		t.Errorf("expected the function d, found %q", found)
	}
}

func TestBackendsAndServicesHaveExportsOfTheirOwn(t *testing.T) {
	for export, expected := range map[string]string{
		"wasi:mcp/start@0.2.0-draft2#start":                           "start && !mcp_service",
		"cabi_post_wasi:mcp/start@0.3.0-draft2#start":                 "start && !mcp_service",
		"wasi:mcp/server-catalog@0.2.0-draft2#get-server":             "catalogs && mcp_service",
		"cabi_post_wasi:mcp/prompt-catalog@0.2.0-draft2#list-prompts": "catalogs && mcp_service",
		"wasi:mcp/tools@0.2.0-draft2#call-tool":                       "exports",
	} {
		if name, constraint := fileOf(export); name+constraint != expected {
			t.Errorf("%s: expected %s, found %s%s", export, expected, name, constraint)
		}
	}
}
