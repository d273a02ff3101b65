package mcp

import (
	"encoding/json"
	"time"

	capabilities "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_capabilities"
	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
	request "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_context"
	identity "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_identity"
	logging "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_logging"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// A Context is the request that a handler works on. It ends when the handler returns: Clone makes one for later.
type Context struct {
	request *request.RequestContext
	uri     string
	extra   wit.Option[string]
}

// Request returns the context of the generated bindings.
func (c *Context) Request() *request.RequestContext {
	return c.request
}

// Clone returns a second context of the same request, which outlives the handler. Drop ends it.
func (c *Context) Clone() *Context {
	clone := *c
	clone.request = c.request.Clone()
	return &clone
}

// Drop gives up the context. The library drops the contexts of handlers.
func (c *Context) Drop() {
	c.request.Drop()
}

// ID returns the id of the request as JSON, or nil for a notification.
func (c *Context) ID() json.RawMessage {
	return jsonOf(c.request.GetId())
}

// Meta returns _meta of the request, or nil.
func (c *Context) Meta() json.RawMessage {
	return jsonOf(c.request.GetMeta())
}

// Extra returns the parameters of the request that the interface does not name, or nil.
func (c *Context) Extra() json.RawMessage {
	return jsonOf(c.extra)
}

// URI returns the URI of the resource that is read, subscribed to or unsubscribed from.
func (c *Context) URI() string {
	return c.uri
}

// ProgressToken returns the token with which the client asked for progress as JSON, or nil.
func (c *Context) ProgressToken() json.RawMessage {
	return jsonOf(c.request.GetProgressToken())
}

// IsCancelled returns whether the request was cancelled. A handler that works for long polls it.
func (c *Context) IsCancelled() bool {
	return c.request.IsCancelled()
}

// WaitCancelled blocks until the request is cancelled.
func (c *Context) WaitCancelled() {
	for !c.IsCancelled() {
		time.Sleep(cancellationPoll)
	}
}

const cancellationPoll = 5 * time.Millisecond

// ReportProgress reports how much of the work is done. A total of 0 and an empty message are left out. Each
// report of a request has more progress than the one before.
func (c *Context) ReportProgress(progress, total float64, message string) error {
	return done(c.request.ReportProgress(content.Progress{
		Progress: progress, Total: optional(total), Message: optional(message),
	}))
}

// A LogLevel is the severity of a log message.
type LogLevel string

// The levels, least severe first.
const (
	LogDebug     LogLevel = "debug"
	LogInfo      LogLevel = "info"
	LogNotice    LogLevel = "notice"
	LogWarning   LogLevel = "warning"
	LogError     LogLevel = "error"
	LogCritical  LogLevel = "critical"
	LogAlert     LogLevel = "alert"
	LogEmergency LogLevel = "emergency"
)

// LogLevels has all levels, least severe first, as the interface numbers them.
var LogLevels = [...]LogLevel{
	LogDebug, LogInfo, LogNotice, LogWarning, LogError, LogCritical, LogAlert, LogEmergency,
}

// Log sends a log message to the client, as part of the request. The data is a string or any other value that
// becomes JSON; the logger is the part of the server that logs, or empty.
func (c *Context) Log(level LogLevel, logger string, data any) error {
	return log(wit.Some(c.request), level, logger, data)
}

// Debug logs at level debug.
func (c *Context) Debug(data any) error {
	return c.Log(LogDebug, "", data)
}

// Info logs at level info.
func (c *Context) Info(data any) error {
	return c.Log(LogInfo, "", data)
}

// Warning logs at level warning.
func (c *Context) Warning(data any) error {
	return c.Log(LogWarning, "", data)
}

// Error logs at level error.
func (c *Context) Error(data any) error {
	return c.Log(LogError, "", data)
}

// Log sends a log message to every session of the instance.
func (s *Server) Log(level LogLevel, logger string, data any) error {
	return log(wit.None[*request.RequestContext](), level, logger, data)
}

func log(ctx wit.Option[*request.RequestContext], level LogLevel, logger string, data any) error {
	text, err := marshal(data)
	if err != nil {
		return err
	}
	for number, known := range LogLevels {
		if known == level {
			return done(logging.Log(ctx, uint8(number), optional(logger), string(text)))
		}
	}
	return InvalidParams("unknown log level %q: expected one of %v", level, LogLevels)
}

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
		client.Capabilities.Roots = rootsCapability(roots.Some())
	}
	return client
}

func rootsCapability(record capabilities.RootsCapability) *RootsCapability {
	return &RootsCapability{pointerTo(record.ListChanged)}
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
