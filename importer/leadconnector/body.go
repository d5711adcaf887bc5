package leadconnector

import (
	"io"
	"sync"
)

const (
	maxAnswer = 64 << 10  // bytes read of an answer to a write, or of an error
	maxPage   = 1 << 20   // bytes read of a list: 100 relations are about 40 KB
	maxDrain  = 256 << 10 // bytes thrown away to keep a connection
)

// buffers are for the answers: each call borrows one while it reads.
var buffers = sync.Pool{New: func() any {
	b := make([]byte, 0, 4<<10)
	return &b
}}

func borrow() *[]byte { return buffers.Get().(*[]byte) }

func giveBack(b *[]byte) {
	if cap(*b) > maxAnswer {
		return // one large page must not stay for ever
	}
	*b = (*b)[:0]
	buffers.Put(b)
}

// readBody reads a body to its end, keeps limit bytes of it and throws away a
// bounded rest, without which the connection would have to be closed. It tells
// whether the buffer holds all of it.
func readBody(body io.Reader, into []byte, limit int) (read []byte, whole bool) {
	for {
		if len(into) == cap(into) {
			into = append(into, 0)[:len(into)]
		}
		n, err := body.Read(into[len(into):min(cap(into), limit+1)])
		into = into[:len(into)+n]
		if err != nil {
			return into[:min(len(into), limit)], err == io.EOF && len(into) <= limit
		}
		if len(into) > limit {
			_, _ = io.CopyN(io.Discard, body, maxDrain)
			return into[:limit], false
		}
	}
}
