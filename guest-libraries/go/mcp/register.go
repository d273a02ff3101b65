package mcp

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	capabilities "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_capabilities"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// register tells the host what a backend has, and serves.
func (s *Server) register() error {
	if s.options.Visible != nil {
		s.mistakes = append(s.mistakes, fmt.Errorf("%s: the option Visible: only a service has lists that vary: "+
			"include wasi:mcp/service in the world instead of wasi:mcp/backend, and export the catalogs", s.madeLine))
	}
	if err := s.check(); err != nil {
		return err
	}
	// The first refusal is the last call.
	if err := done(registerServer(s.record())); err != nil {
		return err
	}
	if err := done(registerTools(listed(s.tools.all()))); err != nil {
		return err
	}
	if err := done(registerResources(listed(s.resources.all()))); err != nil {
		return err
	}
	if err := done(registerResourceTemplates(listed(s.templates.all()))); err != nil {
		return err
	}
	if err := done(registerPrompts(listed(s.prompts.all()))); err != nil {
		return err
	}
	if err := done(serve()); err != nil {
		return err
	}
	s.isRunning = true
	return nil
}

// An item is a tool, resource, resource template or prompt, with its record for the host.
type item[R any] interface {
	record() R
	isListed() bool
}

// add adds an item to a registry, and to the list of the host where the server runs.
func add[T item[R], R any](s *Server, items *registry[T], name string, added T, register registration[R]) error {
	if err := items.check(name); err != nil {
		return err
	}
	if s.isRunning && added.isListed() {
		if err := done(register([]R{added.record()})); err != nil {
			return err
		}
	}
	items.add(name, added)
	return nil
}

// withdraw removes items from the list of the host, which refuses names that it does not list, and from a registry.
func withdraw[T item[R], R any](items *registry[T], names []string, unregister registration[string]) {
	var listed []string
	for _, name := range names {
		if item, exists := items.byName[name]; !exists || item.isListed() {
			listed = append(listed, valid(name))
		}
	}
	if len(listed) > 0 {
		if err := done(unregister(listed)); err != nil {
			panic(err)
		}
	}
	items.remove(names)
}

// listed returns the records of those items that the host is to list.
func listed[T item[R], R any](items []T) []R {
	var records []R
	for _, item := range items {
		if item.isListed() {
			records = append(records, item.record())
		}
	}
	return records
}

// check returns the mistakes of all registrations.
func (s *Server) check() error {
	mistakes := slices.Clone(s.mistakes)
	if len(s.tools.names)+len(s.resources.names)+len(s.templates.names)+len(s.prompts.names) == 0 && len(mistakes) == 0 {
		mistakes = append(mistakes, fmt.Errorf(
			"%s: the server `%s` offers nothing: call mcp.AddTool or its like before Run", s.runLine, s.info.Name))
	}
	for _, reference := range slices.Sorted(maps.Keys(s.completions)) {
		for _, argument := range slices.Sorted(maps.Keys(s.completions[reference])) {
			if err := s.checkCompletion(reference, argument); err != nil {
				mistakes = append(mistakes, err)
			}
		}
	}
	return errors.Join(mistakes...)
}

// record returns the server's description, with the capabilities that follow from what it has.
func (s *Server) record() capabilities.Server {
	record := capabilities.Server{Info: s.info.record(), Instructions: optionalText(s.options.Instructions)}
	changes := optional(s.options.ListChanged)
	declared := &record.Capabilities
	declared.Extra = text(s.options.Extra)
	if s.options.Experimental != nil {
		var members []wit.Tuple2[string, string]
		for _, name := range slices.Sorted(maps.Keys(s.options.Experimental)) {
			members = append(members, wit.Tuple2[string, string]{F0: valid(name), F1: valid(string(s.options.Experimental[name]))})
		}
		declared.Experimental = wit.Some(members)
	}
	if len(s.tools.names) > 0 {
		declared.Tools = wit.Some(capabilities.ToolsCapability{ListChanged: changes})
	}
	if len(s.resources.names)+len(s.templates.names) > 0 {
		subscribe := s.options.SubscribeHandler != nil || s.options.UnsubscribeHandler != nil
		declared.Resources = wit.Some(capabilities.ResourcesCapability{
			Subscribe: optional(subscribe), ListChanged: changes,
		})
	}
	if len(s.prompts.names) > 0 {
		declared.Prompts = wit.Some(capabilities.PromptsCapability{ListChanged: changes})
	}
	if s.completes() {
		declared.Completions = wit.Some("{}")
	}
	return record
}
