// Derive makes the folder bindings of what wit-bindgen 0.60 generates for the world every-server of both variants:
//
//	wit-bindgen go --async=-all --world local:bindings/every-server --out-dir p2 ../../wit/preview2 internal/derive/p2.wit
//	wit-bindgen go --async=-all --world local:bindings/every-server --out-dir p3 ../../wit internal/derive/p3.wit
//	go run ./internal/derive p2 p3
//
// The two differ in the version that imports and exports name, and in functions that only 0.3 has and that
// block for good when they are called synchronously. So the code is shared, and one short file for each
// variant names the imports or exports. The exports of a backend alone and of a service alone have files of their own.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/format"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const module = "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings"

// The variants, as build constraints, versions and names of files.
var variants = []struct{ constraint, version, file string }{
	{"!wasi0.3", "0.2.0-draft2", "_p2.go"},
	{"wasi0.3", "0.3.0-draft2", "_p3.go"},
}

var (
	importing = regexp.MustCompile(`(?m)^//go:wasmimport (\S+) (\S+)\n(func (\w+)\(.*)$`)
	exporting = regexp.MustCompile(`(?m)^//go:wasmexport (\S+)\nfunc (\w+)\((.*)\) *(\w*) *\{$`)
	handler   = regexp.MustCompile(`export_wasi_mcp_\w+\.`)
	handlers  = regexp.MustCompile(`(?m)^\s*"wit_component/export_\w+"\n`)
	versioned = regexp.MustCompile(`@0\.[23]\.0-draft\d+`)
	parameter = regexp.MustCompile(`(\w+) [\w.]+`)
	// Copies what the host has written: see the package runtime.
	borrowed = strings.NewReplacer(
		"unsafe.String(", "witRuntime.String(",
		"unsafe.Slice(", "witRuntime.Bytes(",
		`"wit_component/`, `"`+module+`/`,
		`"go.bytecodealliance.org/pkg/wit/`, `"`+module+`/wit/`,
	)
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: derive FOLDER_OF_0.2 FOLDER_OF_0.3")
	}
	generated, err := filepath.Glob(filepath.Join(os.Args[1], "wasi_mcp_*", "wit_bindings.go"))
	if err != nil || len(generated) == 0 {
		log.Fatalf("%s: no generated packages: expected the output of wit-bindgen", os.Args[1])
	}
	for _, path := range generated {
		name := filepath.Base(filepath.Dir(path))
		code := read(path)
		// A package of aliases belongs to an export, whose types are those of other packages.
		if !strings.Contains(code, "struct {") && !strings.Contains(code, "func ") {
			continue
		}
		compare(name, code, read(filepath.Join(os.Args[2], name, "wit_bindings.go")))
		writeImports(name, code)
	}
	exports := read(filepath.Join(os.Args[1], "wit_exports.go"))
	compare("wit_exports.go", exports, read(filepath.Join(os.Args[2], "wit_exports.go")))
	writeExports(exports)
	if err := os.WriteFile(sumFile, []byte(sumOf("../../wit")+"\n"), 0o644); err != nil {
		log.Fatal(err)
	}
}

// The checksum of the WIT that the bindings were derived from. A test compares it.
const sumFile = "bindings/wit.sum"

// sumOf returns a checksum of the interface in a folder, of both variants, without comments.
func sumOf(folder string) string {
	hash := sha256.New()
	for _, pattern := range []string{"*.wit", "preview2/*.wit"} {
		paths, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil || len(paths) == 0 {
			log.Fatalf("%s: no files %s", folder, pattern)
		}
		for _, path := range paths {
			for line := range strings.Lines(read(path)) {
				if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
					fmt.Fprintln(hash, line)
				}
			}
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// compare ends the program where the variants differ.
func compare(name, code, other string) {
	if found := difference(code, other); found != "" {
		log.Fatalf("%s: the variants differ:\n%s", name, found)
	}
}

// difference returns a declaration in the code of 0.2 that the code of 0.3 lacks, or nothing.
func difference(code, other string) string {
	declared := declarations(other)
	for _, declaration := range declarations(code) {
		if !slices.Contains(declared, declaration) {
			return declaration
		}
	}
	return ""
}

// declarations returns the parts of the code that end with a brace at the start of a line, without versions and
// without the list of imported packages.
func declarations(code string) []string {
	_, code, _ = strings.Cut(code, "\nimport (")
	_, code, _ = strings.Cut(code, ")\n")
	var found []string
	for part := range strings.SplitSeq(versioned.ReplaceAllString(code, ""), "\n}\n") {
		found = append(found, strings.TrimSpace(part))
	}
	return found
}

func writeImports(name, code string) {
	folder := filepath.Join("bindings", name)
	imports := importing.FindAllStringSubmatch(code, -1)
	write(filepath.Join(folder, "bindings.go"), importing.ReplaceAllString(code, ""))
	if len(imports) == 0 {
		return
	}
	for _, variant := range variants {
		var text strings.Builder
		fmt.Fprintf(&text, "//go:build wasm && %s\n\npackage %s\n", variant.constraint, name)
		for _, found := range imports {
			fmt.Fprintf(&text, "\n//go:wasmimport %s %s\n%s\n",
				versioned.ReplaceAllString(found[1], "@"+variant.version), found[2], found[3])
		}
		write(filepath.Join(folder, "imports"+variant.file), text.String())
	}
	// Other machines have no host: tests that run there find out when they call one of its functions.
	var text strings.Builder
	fmt.Fprintf(&text, "//go:build !wasm\n\npackage %s\n", name)
	for _, found := range imports {
		fmt.Fprintf(&text, "\n%s {\npanic(%q)\n}\n", found[3],
			versioned.ReplaceAllString(found[1], "")+"#"+found[2]+" exists in components only")
	}
	write(filepath.Join(folder, "imports_other.go"), text.String())
}

func writeExports(code string) {
	exports := exporting.FindAllStringSubmatch(code, -1)
	for _, variant := range variants {
		texts := map[string]*strings.Builder{}
		for _, found := range exports {
			file, constraint := fileOf(found[1])
			text, isBegun := texts[file]
			if !isBegun {
				text = &strings.Builder{}
				texts[file] = text
				fmt.Fprintf(text, "//go:build wasm && %s%s\n\npackage exports\n", variant.constraint, constraint)
			}
			var arguments []string
			for _, argument := range parameter.FindAllStringSubmatch(found[3], -1) {
				arguments = append(arguments, argument[1])
			}
			call := fmt.Sprintf("%s(%s)", found[2], strings.Join(arguments, ", "))
			if found[4] != "" {
				call = "return " + call
			}
			fmt.Fprintf(text, "\n//go:wasmexport %s\nfunc %s(%s) %s {\n%s\n}\n",
				versioned.ReplaceAllString(found[1], "@"+variant.version),
				strings.TrimPrefix(found[2], "wasm_"), found[3], found[4], call)
		}
		for file, text := range texts {
			write(filepath.Join("bindings", "exports", file+variant.file), text.String())
		}
	}
	code = exporting.ReplaceAllString(code, "func $2($3) $4 {")
	code = handler.ReplaceAllString(handlers.ReplaceAllString(code, ""), "")
	code, _, _ = strings.Cut(code, "// Unused, but present")
	code = strings.Replace(code, "package main", "package exports", 1)
	write(filepath.Join("bindings", "exports", "bindings.go"), code)
}

// fileOf returns the file that an export belongs to, and the further build constraint of that file.
func fileOf(export string) (name, constraint string) {
	switch {
	case strings.Contains(export, "/start@"):
		return "start", " && !mcp_service"
	case strings.Contains(export, "-catalog@"):
		return "catalogs", " && mcp_service"
	}
	return "exports", ""
}

func read(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	return string(text)
}

// write formats Go code and writes it to a file.
func write(path, code string) {
	header := "// Code generated by internal/derive from the output of wit-bindgen. DO NOT EDIT.\n\n"
	if _, rest, found := strings.Cut(code, "package "); found && strings.HasPrefix(code, "// Generated by") {
		code = "package " + rest
	}
	text, err := format.Source([]byte(header + borrowed.Replace(code)))
	if err != nil {
		log.Fatalf("%s: %v", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.TrimLeft(text, "\n"), 0o644); err != nil {
		log.Fatal(err)
	}
}
