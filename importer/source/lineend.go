package source

import (
	"bytes"
	"io"
)

// lineEnds turns CRLF and CR into LF, so that a line is what an editor calls a
// line, inside quotes too. It works in place: files with LF cost one search a
// block.
type lineEnds struct {
	src io.Reader
	cr  bool // the last byte was a CR, given as LF: an LF that follows belongs to it
}

func (l *lineEnds) Read(p []byte) (int, error) {
	for {
		n, err := l.src.Read(p)
		in := p[:n]
		if l.cr && n > 0 {
			l.cr = false
			if in[0] == '\n' {
				in = in[1:]
			}
		}
		if n = l.mend(p, in); n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
}

// mend copies in to out, which may be the same bytes, with every line end an
// LF, and returns how many there are.
func (l *lineEnds) mend(out, in []byte) int {
	n := 0
	for len(in) > 0 {
		i := bytes.IndexByte(in, '\r')
		if i < 0 {
			return n + copy(out[n:], in)
		}
		n += copy(out[n:], in[:i])
		out[n] = '\n'
		n++
		in = in[i+1:]
		if len(in) == 0 {
			l.cr = true
		} else if in[0] == '\n' {
			in = in[1:]
		}
	}
	return n
}
