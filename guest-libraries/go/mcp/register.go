package mcp

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	capabilities "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_capabilities"
	host "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_runtime"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// register tells the host what the server has, and serves.
func (s *Server) register() error {
	if err := s.check(); err != nil {
		return err
	}
	err := errors.Join(
		done(host.RegisterServer(s.record())),
		done(host.RegisterTools(mapped(s.tools.all(), (*registeredTool).record))),
		done(host.RegisterResources(listed(s.resources.all()))),
		done(host.RegisterResourceTemplates(listed(s.templates.all()))),
		done(host.RegisterPrompts(mapped(s.prompts.all(), (*registeredPrompt).record))),
		done(host.Serve()),
	)
	s.isRunning = err == nil
	return err
}

// listed returns the records of those items that the host is to list.
func listed[T interface{ record() (R, bool) }, R any](items []T) []R {
	var records []R
	for _, item := range items {
		if record, isListed := item.record(); isListed {
			records = append(records, record)
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
	record := capabilities.Server{Info: s.info.record(), Instructions: optional(s.options.Instructions)}
	changes := optional(s.options.ListChanged)
	declared := &record.Capabilities
	declared.Extra = text(s.options.Extra)
	if s.options.Experimental != nil {
		var members []wit.Tuple2[string, string]
		for _, name := range slices.Sorted(maps.Keys(s.options.Experimental)) {
			members = append(members, wit.Tuple2[string, string]{F0: name, F1: string(s.options.Experimental[name])})
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
