package mcp

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	capabilities "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_capabilities"
	shutdown "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_shutdown"
)

// A Server has tools, resources and prompts.
//
// The functions that add them report mistakes at the start, with the line to change. Those of a server that
// runs change its lists, and panic where the host refuses that: the tool that calls them has then failed.
type Server struct {
	info      Implementation
	options   ServerOptions
	tools     registry[*registeredTool]
	resources registry[*registeredResource]
	templates registry[*registeredTemplate]
	prompts   registry[*registeredPrompt]
	// Completions by the name of a prompt or a URI template, and by argument.
	completions map[string]map[string]registeredCompletion
	mistakes    []error
	madeLine    string
	runLine     string
	isRunning   bool
	// What only a service has: the check of a tool's arguments, and the description once it runs.
	checkArguments func(*registeredTool, json.RawMessage) error
	description    capabilities.Server
}

// ServerOptions holds optional settings.
type ServerOptions struct {
	// Instructions tell a model how to use the server.
	Instructions string
	// ListChanged declares that lists change while the server runs.
	ListChanged bool
	// Experimental has capabilities outside the specification, each a JSON object.
	Experimental map[string]json.RawMessage
	// Extra has capabilities that the interface does not name, as one JSON object.
	Extra json.RawMessage

	// Visible returns whether a request may see an item, which has a name, URI or URI template. What is hidden is in no
	// list, and unknown to the functions that use it by name. It is for services: the host has the lists of a backend.
	Visible func(ctx *Context, kind Kind, name string) bool

	// SubscribeHandler is called for each subscription to a resource of the server. The world needs the export
	// resource-subscriptions for this handler and the next.
	SubscribeHandler   func(ctx *Context, uri string) error
	UnsubscribeHandler func(ctx *Context, uri string) error
	// InitializedHandler is called when a client is ready. The world needs the export client-events for this handler
	// and the next.
	InitializedHandler func(ctx *Context)
	// RootsListChangedHandler is called when a client's roots have changed.
	RootsListChangedHandler func(ctx *Context)
}

// NewServer returns a server without tools. The options may be nil.
func NewServer(info *Implementation, options *ServerOptions) *Server {
	server := &Server{
		info:        *info,
		tools:       registry[*registeredTool]{kind: KindTool},
		resources:   registry[*registeredResource]{kind: KindResource},
		templates:   registry[*registeredTemplate]{kind: KindResourceTemplate},
		prompts:     registry[*registeredPrompt]{kind: KindPrompt},
		completions: map[string]map[string]registeredCompletion{},
		madeLine:    callingLine(),
	}
	if options != nil {
		server.options = *options
	}
	if isService {
		server.own()
	}
	return server
}

// Run registers the server and serves it once main has returned. It is the last thing that main calls.
//
// In a component it returns at once. In a program for another machine it checks the registrations and ends the
// program.
func (s *Server) Run() {
	s.runLine = callingLine()
	s.run()
}

// RemoveTools withdraws tools from a server that runs.
func (s *Server) RemoveTools(names ...string) {
	withdraw(&s.tools, names, unregisterTools)
}

// RemoveResources withdraws resources from a server that runs.
func (s *Server) RemoveResources(uris ...string) {
	withdraw(&s.resources, uris, unregisterResources)
}

// RemoveResourceTemplates withdraws resource templates from a server that runs.
func (s *Server) RemoveResourceTemplates(uriTemplates ...string) {
	withdraw(&s.templates, uriTemplates, unregisterResourceTemplates)
}

// RemovePrompts withdraws prompts from a server that runs.
func (s *Server) RemovePrompts(names ...string) {
	withdraw(&s.prompts, names, unregisterPrompts)
}

// ResourceUpdated tells subscribers of a resource that it has changed, or the part of it that has a URI of its own.
// The part is empty for the resource itself.
func (s *Server) ResourceUpdated(uri, part string) {
	resourceUpdated(valid(uri), optionalText(part))
}

// IsStopped returns whether the host has begun to stop this instance.
func (s *Server) IsStopped() bool {
	return shutdown.IsStopped()
}

// fail keeps a mistake for the start, or panics where the server runs already.
func (s *Server) fail(kind, name string, err error) {
	if s.isRunning {
		panic(err)
	}
	s.mistakes = append(s.mistakes, fmt.Errorf("%s: %s `%s`: %w", callingLine(), kind, name, err))
}

// callingLine returns the line outside of this package that has called it, as main.go:12.
func callingLine() string {
	callers := make([]uintptr, 16)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	for {
		frame, more := frames.Next()
		if !isLibrary(frame.Function) || !more {
			return fmt.Sprintf("%s:%d", path.Base(frame.File), frame.Line)
		}
	}
}

func isLibrary(function string) bool {
	name := strings.TrimPrefix(function, "github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp.")
	return name != function && !strings.HasPrefix(name, "Test")
}

// A registry has items of a kind by name, in the order in which they were added.
type registry[T any] struct {
	kind   Kind
	names  []string
	byName map[string]T
	lines  map[string]string
	// The items' serial numbers, of which none is used twice, and how many were given.
	serials map[string]int
	added   int
}

// check returns an error for a name that an item cannot have, or that another one has.
func (r *registry[T]) check(name string) error {
	if name == "" {
		return errors.New("it has no name")
	}
	if !utf8.ValidString(name) {
		return errors.New("its name is not UTF-8")
	}
	if line, exists := r.lines[name]; exists {
		return fmt.Errorf("%s has added another one of this name", line)
	}
	return nil
}

// add adds an item whose name was checked.
func (r *registry[T]) add(name string, item T) {
	if r.byName == nil {
		r.byName, r.lines, r.serials = map[string]T{}, map[string]string{}, map[string]int{}
	}
	r.names = append(r.names, name)
	r.byName[name] = item
	r.lines[name] = callingLine()
	r.serials[name] = r.added
	r.added++
}

func (r *registry[T]) remove(names []string) {
	r.names = slices.DeleteFunc(r.names, func(name string) bool { return slices.Contains(names, name) })
	for _, name := range names {
		delete(r.byName, name)
		delete(r.lines, name)
		delete(r.serials, name)
	}
}

// all returns the items in their order.
func (r *registry[T]) all() []T {
	var items []T
	for _, name := range r.names {
		items = append(items, r.byName[name])
	}
	return items
}
