package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp"
)

// addRootsTools adds tools that ask for the client's roots.
func addRootsTools(server *mcp.Server) {
	mcp.AddTool(server, &mcp.Tool{
		Name:        "list-roots",
		Description: "Lists the client's roots.",
		Annotations: readOnly,
	}, listRoots)
	mcp.AddTool(server, &mcp.Tool{
		Name:        "locate-in-roots",
		Description: "Tells in which of the client's roots a path lies. No file is opened.",
		Annotations: readOnly,
	}, locateInRoots)
}

type root struct {
	URI  string          `json:"uri"`
	Name string          `json:"name"`
	Meta json.RawMessage `json:"meta"`
}

type roots struct {
	Roots []root `json:"roots"`
}

func listRoots(ctx *mcp.Context, in none) (*mcp.CallToolResult, error) {
	answer, err := ctx.ListRoots(&mcp.ListRootsParams{Meta: meta})
	if err != nil {
		return nil, err
	}
	found := roots{[]root{}}
	for _, one := range answer.Roots {
		found.Roots = append(found.Roots, root{one.URI, one.Name, one.Meta})
	}
	return &mcp.CallToolResult{StructuredContent: found, Meta: answer.Meta}, nil
}

type location struct {
	Path string `json:"path" jsonschema:"An absolute path of the client"`
}

type place struct {
	Root string `json:"root"`
	Path string `json:"path"`
}

func locateInRoots(ctx *mcp.Context, in location) (place, error) {
	answer, err := ctx.ListRoots(nil)
	if err != nil {
		return place{}, err
	}
	for _, root := range answer.Roots {
		if path, isInside := within(in.Path, root.URI); isInside {
			return place{root.URI, path}, nil
		}
	}
	return place{}, fmt.Errorf("%s lies in none of the client's roots", in.Path)
}

// within returns the path relative to a root, if it stays inside.
func within(path, root string) (string, bool) {
	location, isFile := strings.CutPrefix(root, "file://")
	decoded, err := url.PathUnescape(location)
	if !isFile || err != nil {
		return "", false
	}
	rootNames, rootIsAbsolute := names(decoded)
	pathNames, pathIsAbsolute := names(path)
	count := len(rootNames)
	if !rootIsAbsolute || !pathIsAbsolute || len(pathNames) < count || !slices.Equal(pathNames[:count], rootNames) {
		return "", false
	}
	return strings.Join(pathNames[count:], "/"), true
}

// names returns the names of an absolute path. They are compared as a whole: /root-sibling is not inside /root.
func names(path string) ([]string, bool) {
	rest, isAbsolute := strings.CutPrefix(path, "/")
	var found []string
	for name := range strings.SplitSeq(rest, "/") {
		switch name {
		case "", ".":
		case "..": // `/` is its own parent.
			found = found[:max(0, len(found)-1)]
		default:
			found = append(found, name)
		}
	}
	return found, isAbsolute
}
