package source

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Options say how a file is to be read. The zero value finds everything by
// looking.
type Options struct {
	// Location and Association are used where the file has no such column.
	// They do not fill an empty cell of a column that is there: such a row
	// is rejected, since a gap in a column is more likely a mistake.
	Location    string
	Association string

	// The columns, by header name or 1-based number; empty: by the usual
	// names.
	FirstColumn       string
	SecondColumn      string
	LocationColumn    string
	AssociationColumn string

	NoHeader  bool   // the first line is a row; columns go by number
	Delimiter rune   // 0: found from the header
	Encoding  string // "": found by looking
	Swap      bool   // exchange the first and the second id
	Clean     bool   // take off a leading ' and surrounding quotes, which spreadsheets leave
}

// Reading is the canonical text of the options: two files of the same content
// give the same relations if their readings are equal. It is meant to be
// compared or hashed, and says what was asked for, not what was found.
func (o Options) Reading() string {
	encoding := o.Encoding
	if name, ok := encodingNamed(o.Encoding); ok {
		encoding = name
	}
	return fmt.Sprintf("1 location=%q association=%q first=%q second=%q location-column=%q association-column=%q no-header=%t delimiter=%q encoding=%q swap=%t clean=%t",
		o.Location, o.Association,
		strings.TrimSpace(o.FirstColumn), strings.TrimSpace(o.SecondColumn),
		strings.TrimSpace(o.LocationColumn), strings.TrimSpace(o.AssociationColumn),
		o.NoHeader, o.Delimiter, encoding, o.Swap, o.Clean)
}

// check refuses options that no file could be read with.
func (o Options) check() *Error {
	for _, d := range []struct{ flag, id string }{{"--location", o.Location}, {"--association", o.Association}} {
		if d.id == "" {
			continue
		}
		if tidy := trim(d.id); tidy != d.id || len(d.id) > maxID || fault(d.id) != nil {
			return &Error{Reason: fmt.Sprintf("%s %s is no id: it has spaces, control characters or more than %d bytes", d.flag, quoted(d.id), maxID)}
		}
	}
	if _, ok := encodingNamed(o.Encoding); !ok {
		return &Error{Reason: fmt.Sprintf("--encoding %s is not known", quoted(o.Encoding)), Hint: "known are " + strings.Join(encodingNames(), ", ")}
	}
	switch o.Delimiter {
	case 0:
	case '"', '\r', '\n', utf8.RuneError:
		return &Error{Reason: fmt.Sprintf("--delimiter %q cannot separate fields", o.Delimiter)}
	default:
		if !utf8.ValidRune(o.Delimiter) {
			return &Error{Reason: "--delimiter is no character"}
		}
	}
	return nil
}
