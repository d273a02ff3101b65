package main

import (
	"fmt"
	"strconv"

	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp"
)

// The resource that `touch-resource` changes, and a part of it.
const (
	watched     = "test://watched-resource"
	watchedPart = "test://watched-resource/part"
)

// addText adds a resource whose text never changes.
func addText(server *mcp.Server, resource *mcp.Resource, text string) {
	resource.URI = "test://" + resource.Name
	if resource.MIMEType == "" {
		resource.MIMEType = "text/plain"
	}
	mcp.AddResource(server, resource, func(ctx *mcp.Context) (string, error) { return text, nil })
}

func addResources(server *mcp.Server) {
	addText(server, &mcp.Resource{Name: "static-text", Description: "A text."},
		"This is the content of the static text resource.")
	mcp.AddResource(server, &mcp.Resource{
		URI: "test://static-binary", Name: "static-binary", Description: "An image.", MIMEType: "image/png",
	}, func(ctx *mcp.Context) ([]byte, error) { return pixel, nil })
	mcp.AddResource(server, &mcp.Resource{
		URI: watched, Name: "watched-resource", Description: "Changes with `touch-resource`.", MIMEType: "text/plain",
	}, readWatched)
	mcp.AddResource(server, &mcp.Resource{
		URI: watchedPart, Name: "watched-part", MIMEType: "text/plain", IsUnlisted: true,
	}, readWatched)
	const describedText = "A resource of which everything is told."
	addText(server, &mcp.Resource{
		Name:        "described",
		Title:       "A described resource",
		Description: "Has every member.",
		Size:        new(float64(len(describedText))),
		Annotations: annotations,
		Meta:        meta,
		Extra:       extra,
	}, describedText)
	mcp.AddResource(server, &mcp.Resource{
		URI: "test://folder", Name: "folder", Description: "Reads as several contents.", MIMEType: "inode/directory",
	}, func(ctx *mcp.Context) ([]*mcp.ResourceContents, error) {
		return []*mcp.ResourceContents{
			{URI: "test://folder/text", MIMEType: "text/plain", Text: "In the folder."},
			{URI: "test://folder/image", MIMEType: "image/png", Blob: pixel},
		}, nil
	})
	mcp.AddResource(server, &mcp.Resource{
		URI: "test://failing", Name: "failing", Description: "Cannot be read.", MIMEType: "text/plain",
	}, func(ctx *mcp.Context) (string, error) {
		return "", &mcp.Error{Code: mcp.CodeInternalError, Message: "The resource cannot be read"}
	})
	addText(server, &mcp.Resource{Name: "embedded-resource", Description: "Also embedded in a tool's result."},
		"This is an embedded resource content.")
	addText(server, &mcp.Resource{
		Name: "mixed-content-resource", Description: "Also embedded in a tool's result.", MIMEType: "application/json",
	}, `{"test":"data","value":123}`)
	addText(server, &mcp.Resource{Name: "example-resource", Description: "Also embedded in a prompt."},
		"Embedded resource content for testing.")
	// Enough to fill more than one page.
	for number := range 120 {
		mcp.AddResource(server, &mcp.Resource{
			URI:         fmt.Sprintf("test://numbered/%d", number+1),
			Name:        fmt.Sprintf("numbered-%d", number+1),
			Description: "One of many.",
			MIMEType:    "text/plain",
		}, func(ctx *mcp.Context) (string, error) { return fmt.Sprintf("Number %d", number+1), nil })
	}
}

func readWatched(ctx *mcp.Context) (string, error) {
	return fmt.Sprintf("Version %d", state.watchedVersion), nil
}

func addTemplates(server *mcp.Server) {
	mcp.AddResourceTemplate(server, &mcp.ResourceTemplate{
		URITemplate: "test://template/{id}/data",
		Name:        "data",
		Description: "Data for an id.",
		MIMEType:    "application/json",
	}, readData)
	mcp.AddResourceTemplate(server, &mcp.ResourceTemplate{
		URITemplate: "test://integers/{integer}",
		Name:        "integers",
		Title:       "Integers",
		Description: "An integer from 0 to 999.",
		MIMEType:    "text/plain",
		Annotations: annotations,
		Meta:        meta,
		Extra:       extra,
	}, readInteger)
	mcp.AddResourceTemplate(server, &mcp.ResourceTemplate{
		URITemplate: "test://binary/{bytes}",
		Name:        "binary",
		Description: "As many zero bytes as the URI says, at most 1048576.",
	}, readBinary)
}

type dataID struct {
	ID string `json:"id"`
}

type data struct {
	ID           string `json:"id"`
	TemplateTest bool   `json:"templateTest"`
	Data         string `json:"data"`
}

func readData(ctx *mcp.Context, in dataID) (data, error) {
	return data{in.ID, true, "Data for ID: " + in.ID}, nil
}

const integersEnd = 1000

type integer struct {
	Integer int `json:"integer"`
}

func readInteger(ctx *mcp.Context, in integer) (*string, error) {
	if in.Integer < 0 || in.Integer >= integersEnd {
		return nil, nil
	}
	return new(strconv.Itoa(in.Integer)), nil
}

const maximumBytes = 1 << 20

type byteCount struct {
	Bytes int `json:"bytes"`
}

func readBinary(ctx *mcp.Context, in byteCount) (*mcp.ResourceContents, error) {
	if in.Bytes < 0 || in.Bytes > maximumBytes {
		return nil, nil
	}
	return &mcp.ResourceContents{MIMEType: "application/octet-stream", Blob: make([]byte, in.Bytes)}, nil
}
