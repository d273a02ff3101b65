//go:build !wasm

package mcp

import (
	"fmt"
	"os"
)

// run ends a program that was built for another machine, once its registrations are checked.
func (s *Server) run() {
	if err := s.check(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stderr, "the registrations are right; `wasi-mcp build` builds the component, `wasi-mcp dev` serves it")
	os.Exit(0)
}
