package mcp

import (
	"encoding/json"

	identity "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_identity"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// A Client is the program that sent a request.
type Client struct {
	// Info has the name and version, or nil in a host that keeps no sessions.
	Info            *Implementation
	Capabilities    ClientCapabilities
	ProtocolVersion string
	// LogLevel is the least severe level that the client wants, or empty.
	LogLevel LogLevel
}

// ClientCapabilities are what a client can do for this server. A field that is nil stands for a capability that
// the client lacks.
type ClientCapabilities struct {
	Roots        *RootsCapability
	Sampling     json.RawMessage
	Elicitation  json.RawMessage
	Experimental map[string]json.RawMessage
	Extra        json.RawMessage
}

// A RootsCapability is a client's support for roots.
type RootsCapability struct {
	// ListChanged is whether the client tells of changes; nil where it does not say.
	ListChanged *bool
}

// Client returns the program that sent the request.
func (c *Context) Client() *Client {
	record := c.request.GetClient()
	client := &Client{
		Info:            implementationOf(record.Info),
		ProtocolVersion: record.ProtocolVersion,
		Capabilities: ClientCapabilities{
			Sampling:     jsonOf(record.Capabilities.Sampling),
			Elicitation:  jsonOf(record.Capabilities.Elicitation),
			Experimental: objects(record.Capabilities.Experimental),
			Extra:        jsonOf(record.Capabilities.Extra),
		},
	}
	if record.LogLevel.IsSome() {
		client.LogLevel = LogLevels[record.LogLevel.Some()]
	}
	if roots := record.Capabilities.Roots; roots.IsSome() {
		client.Capabilities.Roots = &RootsCapability{pointerTo(roots.Some().ListChanged)}
	}
	return client
}

// A Principal is the authenticated party that made a request.
type Principal struct {
	Issuer   string
	Subject  string
	ClientID string
	Scopes   []string
	Claims   map[string]json.RawMessage
}

// Principal returns the caller, or nil where the transport does not authenticate.
func (c *Context) Principal() *Principal {
	option := identity.GetPrincipal(c.request)
	if option.IsNone() {
		return nil
	}
	record := option.Some()
	return &Principal{
		Issuer:   record.Issuer,
		Subject:  record.Subject.SomeOr(""),
		ClientID: record.ClientId.SomeOr(""),
		Scopes:   record.Scopes,
		Claims:   objects(wit.Some(record.Claims)),
	}
}
