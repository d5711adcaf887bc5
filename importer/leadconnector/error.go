package leadconnector

import (
	"strconv"
	"strings"
	"time"

	"relink/importer"
)

// An Error is a call that the service did not carry out, or not for certain.
// It unwraps to its Class, and to the transport's own error where there is one.
// Its texts are bounded and hold neither a token nor a control character.
type Error struct {
	Status     int            // HTTP status, 0 when no answer arrived
	Class      importer.Class // what it means for the row and its lane
	Cause      importer.Cause // set when Class is Rejected
	Message    string         // the service's own words, or the transport's
	TraceID    string         // what the vendor's support asks for
	RetryAfter time.Duration  // 0 when the service named none

	advice    string
	unknown   bool // of an exchange for a token: it may have been carried out
	transport error
}

// Error is one line: the class, the status, the service's words, the trace id.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Class.Error())
	b.WriteString(": ")
	if e.Status != 0 {
		b.WriteString(strconv.Itoa(e.Status))
		b.WriteByte(' ')
	}
	b.WriteString(e.Message)
	if e.TraceID != "" {
		b.WriteString(" (trace ")
		b.WriteString(e.TraceID)
		b.WriteByte(')')
	}
	return b.String()
}

// Advice says for people what the error means and what to do, where more can be
// said than the class does; otherwise it is empty.
func (e *Error) Advice() string { return e.advice }

// Unwrap gives the Class first, then the transport's error.
func (e *Error) Unwrap() []error {
	if e.transport == nil {
		return []error{e.Class}
	}
	return []error{e.Class, e.transport}
}
