package source

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"
)

const (
	maxRecord = 1 << 20  // bytes of one record, and of the header
	block     = 64 << 10 // bytes read at a time
)

// errLong stops a record over maxRecord. It never leaves the package.
var errLong = errors.New("record too long")

// A window stands between the text and encoding/csv, which reads ahead and
// keeps nothing. It holds the bytes from the beginning of the record being
// read, so that they can be shown, or read again from another line on; and it
// stops a record that grows beyond maxRecord, since an unclosed quote would
// otherwise swallow the rest of the file.
//
// Offsets count the bytes of the text from its beginning.
type window struct {
	src io.Reader
	err error // the end of src, or why it cannot be read on

	buf     []byte // the text from offset off on
	off     int64
	next    int   // buf[next:] is not handed on yet
	lines   int   // line ends before buf[next]
	mark    int64 // the record being read begins here, or at the blank lines before it
	suspect int64 // no NUL and no invalid UTF-8 at or after this offset, as far as read
}

// Read hands on text to encoding/csv.
func (w *window) Read(p []byte) (int, error) {
	if w.next == len(w.buf) {
		w.drop()
		if w.next > maxRecord {
			return 0, errLong
		}
		if !w.fill() {
			return 0, w.err
		}
	}
	n := copy(p, w.buf[w.next:])
	w.lines += bytes.Count(p[:n], newline)
	w.next += n
	return n, nil
}

var newline = []byte{'\n'}

// drop forgets what comes before the record being read.
func (w *window) drop() {
	i := int(w.mark - w.off)
	for i < w.next && w.buf[i] == '\n' {
		i++ // a million blank lines are no long record
	}
	w.buf = w.buf[:copy(w.buf, w.buf[i:])]
	w.off += int64(i)
	w.mark = w.off
	w.next -= i
}

// fill reads another block; false when there is none, and err says why.
func (w *window) fill() bool {
	if cap(w.buf)-len(w.buf) < block {
		w.buf = append(make([]byte, 0, 2*len(w.buf)+block), w.buf...)
	}
	for w.err == nil {
		n, err := w.src.Read(w.buf[len(w.buf) : len(w.buf)+block])
		w.err = err
		if n == 0 {
			continue
		}
		fresh := w.buf[len(w.buf) : len(w.buf)+n]
		w.buf = w.buf[:len(w.buf)+n]
		// A character cut in two by the block's end looks invalid too;
		// the record is looked at again, so that only costs time.
		if bytes.IndexByte(fresh, 0) >= 0 || !utf8.Valid(fresh) {
			w.suspect = w.off + int64(len(w.buf))
		}
		return true
	}
	return false
}

// peekLine is the first line of what is not handed on yet, without its end. It
// is whole unless it is longer than maxRecord or the text cannot be read on.
func (w *window) peekLine() []byte {
	for {
		rest := w.buf[w.next:]
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			return rest[:i]
		}
		if len(rest) > maxRecord {
			return rest
		}
		w.mark = w.position()
		w.drop()
		if !w.fill() {
			return w.buf[w.next:]
		}
	}
}

// skipBlank takes lines with nothing but blanks out of the text.
func (w *window) skipBlank() {
	for len(bytes.TrimSpace(w.peekLine())) == 0 && w.next < len(w.buf) {
		w.skipLine()
	}
}

// skipLine takes the next line and its end out of the text, however long the
// line is. Nothing of it is kept.
func (w *window) skipLine() {
	for {
		rest := w.buf[w.next:]
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			w.next += i + 1
			w.lines++
			break
		}
		w.next = len(w.buf)
		w.mark = w.off + int64(w.next)
		w.drop()
		if !w.fill() {
			break
		}
	}
	w.mark = w.off + int64(w.next)
}

// text is what lies between two offsets, which must be in the window.
func (w *window) text(from, to int64) []byte {
	return w.buf[from-w.off : to-w.off]
}

// lineAt numbers the line that holds an offset in the window.
func (w *window) lineAt(off int64) int {
	return w.lines - bytes.Count(w.text(off, w.position()), newline) + 1
}

// position is the offset of what is handed on next.
func (w *window) position() int64 { return w.off + int64(w.next) }

// rewind hands on the text from an offset in the window once more.
func (w *window) rewind(off int64) {
	w.lines = w.lineAt(off) - 1
	w.next = int(off - w.off)
	w.mark = off
}
