//go:build !wasm

package runtime

import "unsafe"

// takeMemory stands in for memory of WebAssembly in tests.
func takeMemory(size uintptr) unsafe.Pointer {
	return unsafe.Pointer(unsafe.SliceData(make([]uint64, size/8)))
}
