package mcp

import (
	"encoding/json"
	"time"

	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
	request "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_context"
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
	return done(c.request.ReportProgress(progressRecord(progress, total, message)))
}

func progressRecord(progress, total float64, message string) content.Progress {
	return content.Progress{Progress: progress, Total: optional(total), Message: optionalText(message)}
}
