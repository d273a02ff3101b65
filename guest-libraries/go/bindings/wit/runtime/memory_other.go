//go:build !wasm

package runtime

import "unsafe"

var taken [][]uint64

// takeMemory stands in for memory of WebAssembly in tests.
func takeMemory(size uintptr) unsafe.Pointer {
	memory := make([]uint64, size/8)
	taken = append(taken, memory)
	return unsafe.Pointer(unsafe.SliceData(memory))
}
