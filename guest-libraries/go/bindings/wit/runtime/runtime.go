// Package runtime is what generated bindings need of a runtime: handles, memory that stays in place
// while the host reads it, and memory that the host writes to.
//
// It takes the place of go.bytecodealliance.org/pkg/wit/runtime, whose names the generator writes. The
// difference is cabi_realloc: see arena.go.
package runtime

import (
	"fmt"
	"runtime"
	"unsafe"
)

// A Handle is the index of a resource of the host, until it is dropped.
type Handle struct {
	value int32
}

// MakeHandle returns a handle of value, which is not zero.
func MakeHandle(value int32) *Handle {
	handle := &Handle{}
	handle.Set(value)
	return handle
}

// Use returns the index, and panics after the resource was dropped.
func (h *Handle) Use() int32 {
	if h.value == 0 {
		panic("a resource was used after it was dropped")
	}
	return h.value
}

// Take returns the index as Use does, and leaves the handle empty.
func (h *Handle) Take() int32 {
	value := h.Use()
	h.value = 0
	return value
}

// TakeOrNil returns the index and leaves the handle empty; 0 if it was.
func (h *Handle) TakeOrNil() int32 {
	value := h.value
	h.value = 0
	return value
}

// Set fills an empty handle.
func (h *Handle) Set(value int32) {
	if value == 0 || h.value != 0 {
		panic("a handle is set once, and not to zero")
	}
	h.value = value
}

// Allocate returns memory that stays in place until pinner is unpinned.
func Allocate(pinner *runtime.Pinner, size, align uintptr) unsafe.Pointer {
	pointer := allocate(size, align)
	pinner.Pin(pointer)
	return pointer
}

func allocate(size, align uintptr) unsafe.Pointer {
	if size == 0 {
		return nil
	}
	if size%align != 0 {
		panic(fmt.Sprintf("size %v is not a multiple of alignment %v", size, align))
	}
	switch align {
	case 1:
		return unsafe.Pointer(unsafe.SliceData(make([]uint8, size)))
	case 2:
		return unsafe.Pointer(unsafe.SliceData(make([]uint16, size/align)))
	case 4:
		return unsafe.Pointer(unsafe.SliceData(make([]uint32, size/align)))
	case 8:
		return unsafe.Pointer(unsafe.SliceData(make([]uint64, size/align)))
	default:
		panic(fmt.Sprintf("unsupported alignment: %v", align))
	}
}
