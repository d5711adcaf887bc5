package source

import (
	"fmt"
	"strings"
)

// An Error says that a file cannot be read, or not be read on, or that it
// cannot be read with these Options. A row that names no relation is no Error
// but an importer.Rejection.
type Error struct {
	File   string // as named by the caller; "standard input" for "-"
	Line   int    // 0 when it is not about a line
	Column string // empty when it is not about a column
	Reason string // what is wrong
	Hint   string // what to do, empty when that is not known
	Err    error  // what lies beneath, nil when found here
}

// Error is one line: where, what, what to do.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	if e.Column != "" {
		fmt.Fprintf(&b, ": column %s", quoted(e.Column))
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(e.Reason)
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

// Unwrap is what lies beneath.
func (e *Error) Unwrap() error { return e.Err }

// quoted shows text from a file: bounded, and with no control character that
// could play tricks on a terminal.
func quoted(s string) string {
	const most = 60
	if len(s) > most {
		return fmt.Sprintf("%q…", s[:most])
	}
	return fmt.Sprintf("%q", s)
}
