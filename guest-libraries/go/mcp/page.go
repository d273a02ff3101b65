package mcp

import (
	"sort"
	"strconv"

	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// The number of items that a page may have.
const maximumItems = 100

// page returns the listed items after a cursor, and the cursor of the next page.
//
// A cursor is the serial number of the last item of a page: it stays valid when the list changes.
func page[T item[R], R any](s *Server, ctx *Context, items *registry[T], cursor wit.Option[string]) ([]R, wit.Option[string], error) {
	none := wit.None[string]()
	start, err := items.after(cursor)
	if err != nil {
		return nil, none, err
	}
	var records []R
	var last int
	for _, name := range items.names[start:] {
		item := items.byName[name]
		if !item.isListed() || !s.isVisible(ctx, items.kind, name) {
			continue
		}
		if len(records) == maximumItems {
			return records, wit.Some(strconv.Itoa(last)), nil
		}
		records, last = append(records, item.record()), items.serials[name]
	}
	return records, none, nil
}

// after returns the index of the first item that was added after the one of a cursor.
func (r *registry[T]) after(cursor wit.Option[string]) (int, error) {
	if cursor.IsNone() {
		return 0, nil
	}
	text := cursor.Some()
	serial, err := strconv.Atoi(text)
	if err != nil || strconv.Itoa(serial) != text || serial < 0 || serial >= r.added {
		return 0, InvalidParams("unknown cursor: %s", text)
	}
	return sort.Search(len(r.names), func(index int) bool { return r.serials[r.names[index]] > serial }), nil
}
