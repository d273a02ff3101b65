package main

import (
	_ "embed"
	"encoding/json"

	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp"
)

// A picture of one pixel, image/png.
//
//go:embed assets/pixel.png
var pixel []byte

// A millisecond of silence, audio/wav.
//
//go:embed assets/silence.wav
var silence []byte

// Every optional member, so that each is seen on the wire: with a number that binary floating point cannot represent,
// and a member that the interface does not name.
var (
	meta        = json.RawMessage(`{"example.org/revision": 9007199254740993}`)
	extra       = json.RawMessage(`{"x-reference": {"kept": 1.10}}`)
	annotations = &mcp.Annotations{
		Audience:     []mcp.Role{mcp.RoleUser, mcp.RoleAssistant},
		Priority:     new(0.25),
		LastModified: "2025-06-18T12:00:00Z",
	}
)

var (
	image = &mcp.ImageContent{Data: pixel, MIMEType: "image/png"}
	audio = &mcp.AudioContent{Data: silence, MIMEType: "audio/wav"}
)

// everyKind has one content block of each kind, with every optional member set.
var everyKind = []mcp.Content{
	&mcp.TextContent{
		Text:        "Some text with \"quotes\", a \\, a line\nbreak, and ünïcödé 🦀.",
		Annotations: annotations, Meta: meta, Extra: extra,
	},
	&mcp.ImageContent{Data: pixel, MIMEType: "image/png", Annotations: annotations, Meta: meta, Extra: extra},
	&mcp.AudioContent{Data: silence, MIMEType: "audio/wav", Annotations: annotations, Meta: meta, Extra: extra},
	&mcp.ResourceLink{
		URI:         "test://static-text",
		Name:        "static-text",
		Title:       "Static text",
		Description: "A link to a resource of this server.",
		MIMEType:    "text/plain",
		Size:        new(48.0),
		Annotations: annotations, Meta: meta, Extra: extra,
	},
	&mcp.EmbeddedResource{
		Resource: &mcp.ResourceContents{
			URI: "test://embedded-resource", MIMEType: "text/plain", Text: "This is an embedded resource content.",
			Meta: meta, Extra: extra,
		},
		Annotations: annotations, Meta: meta, Extra: extra,
	},
	&mcp.EmbeddedResource{
		Resource: &mcp.ResourceContents{
			URI: "test://static-binary", MIMEType: "image/png", Blob: pixel, Meta: meta, Extra: extra,
		},
		Annotations: annotations, Meta: meta, Extra: extra,
	},
}
