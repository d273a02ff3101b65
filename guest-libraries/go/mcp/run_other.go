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
	} else {
		fmt.Fprintln(os.Stderr, "this server is a WebAssembly component: `wasi-mcp build` builds it, `wasi-mcp dev` serves it")
	}
	os.Exit(1)
}
