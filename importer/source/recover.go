package source

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"relink/importer"
)

// maxRaw is how much of a rejected line is kept.
const maxRaw = 64 << 10

// recover deals with a record that encoding/csv gave with an error, or that is
// too long. It reports whether line is set; otherwise there is nothing to tell
// about it, or r.err is set.
func (r *Reader) recover(line *importer.Line, record []string, err error) bool {
	w := r.window
	start, end := w.mark, r.base+r.csv.InputOffset()
	for start < w.position() && w.text(start, start+1)[0] == '\n' {
		start++ // blank lines before it
	}
	switch {
	case err == nil, isParse(err), errors.Is(err, errLong):
	case err == io.EOF:
		if r.err = r.finish(); r.err != io.EOF {
			r.err = r.located(r.err, w.lineAt(start))
		}
		return false
	default:
		r.err = r.located(err, w.lineAt(start))
		return false
	}
	*line = importer.Line{Number: w.lineAt(start)}
	switch {
	case errors.Is(err, errLong) || end-start > maxRecord:
		r.tooLong(line, start)
	case errors.Is(err, csv.ErrFieldCount):
		raw := r.raw(start, end)
		if len(record) == 1 && raw[0] != '"' && trim(record[0]) == "" {
			return false // blanks only: a blank line
		}
		if r.swallowed(raw, &r.last) {
			r.unclosed(line, start, end)
			break
		}
		if start < w.suspect && r.undecodable(line, record, start, end) {
			break
		}
		r.reject(line, &importer.Rejection{
			Cause:   importer.RejectFields,
			Message: fmt.Sprintf("%s where the header has %d%s", fields(len(record)), len(r.header), r.span(start, end)),
		}, start, end)
		if end-start > maxRaw {
			r.restart(end) // encoding/csv keeps room for the most fields it met
		}
	case bytes.IndexByte(r.raw(start, end), '\n') >= 0:
		r.unclosed(line, start, end)
	default:
		r.reject(line, &importer.Rejection{
			Cause:   importer.RejectQuote,
			Column:  r.columnAt(len(record)),
			Message: quoteFault(err),
		}, start, end)
	}
	return true
}

// unclosed rejects the line on which a record begins that reaches too far, and
// reads on at the line after it.
func (r *Reader) unclosed(line *importer.Line, start, end int64) {
	text := r.window.text(start, end)
	first := int64(bytes.IndexByte(text, '\n'))
	to := line.Number + bytes.Count(bytes.TrimSuffix(text, newline), newline)
	r.reject(line, &importer.Rejection{
		Cause: importer.RejectQuote,
		Message: fmt.Sprintf("a quote opens in line %d and is not closed where it should be: read as one row it would reach to line %d or beyond; "+
			"line %d is left out and reading goes on at line %d", line.Number, to, line.Number, line.Number+1),
	}, start, start+first)
	r.restart(start + first + 1)
}

// tooLong rejects a record over maxRecord: one line of it if it has several,
// since then a quote is to blame.
func (r *Reader) tooLong(line *importer.Line, start int64) {
	w := r.window
	if i := bytes.IndexByte(w.text(start, start+maxRecord), '\n'); i >= 0 {
		r.unclosed(line, start, start+maxRecord)
		return
	}
	r.long = append(r.long[:0], w.text(start, start+maxRaw)...)
	line.Raw = bytes.ToValidUTF8(r.long, nil)
	line.Rejected = &importer.Rejection{
		Cause:   importer.RejectTooLong,
		Message: fmt.Sprintf("the line is longer than %d MiB", maxRecord>>20),
	}
	w.rewind(start)
	w.skipLine()
	r.restart(w.position())
}

// undecodable rejects a record that holds a NUL, or bytes that are no text in
// the file's encoding; false when it holds neither.
func (r *Reader) undecodable(line *importer.Line, record []string, start, end int64) bool {
	raw := r.raw(start, end)
	nul := bytes.IndexByte(raw, 0) >= 0
	if !nul && utf8.Valid(raw) {
		return false
	}
	rejected := &importer.Rejection{Cause: importer.RejectControl, Message: "the row holds a NUL"}
	if !nul {
		rejected = &importer.Rejection{Cause: importer.RejectEncoding, Message: "the row holds bytes that are no text in " + r.encoding}
		if r.encoding == encUTF8 {
			rejected.Message += "; if the file is in another encoding, name it: --encoding " + enc1252
		}
	}
	for i, cell := range record {
		if nul && bytes.IndexByte([]byte(cell), 0) >= 0 || !nul && !utf8.ValidString(cell) {
			rejected.Column = r.columnAt(i)
			break
		}
	}
	r.reject(line, rejected, start, end)
	return true
}

// swallowed reports whether a record of several lines holds a line that is a
// row of its own: as many fields, and ids as long as these. A quote that someone
// forgot is then closed by the next one, and all looks well.
func (r *Reader) swallowed(raw []byte, ids *[roles]string) bool {
	_, rest, found := bytes.Cut(raw, newline)
	for found {
		var inner []byte
		inner, rest, found = bytes.Cut(rest, newline)
		if r.looksLikeRow(inner, ids) {
			return true
		}
	}
	return false
}

func (r *Reader) looksLikeRow(line []byte, ids *[roles]string) bool {
	comma := []byte(string(r.delimiter))
	if bytes.Count(line, comma) != len(r.header)-1 {
		return false
	}
	cells := bytes.Split(line, comma)
	for role, at := range r.columns {
		if at < 0 {
			continue
		}
		if id := string(bytes.Trim(cells[at], `"`)); !plain(id) || len(id) != len(ids[role]) {
			return false
		}
	}
	return true
}

// reject completes a rejection with the record's bytes.
func (r *Reader) reject(line *importer.Line, rejected *importer.Rejection, start, end int64) {
	line.Rejected = rejected
	if line.Raw = r.raw(start, end); len(line.Raw) > maxRaw {
		line.Raw = line.Raw[:maxRaw]
	}
}

// raw is the text of a record, without blank lines before it and its line end.
func (r *Reader) raw(start, end int64) []byte {
	text := r.window.text(start, end)
	for len(text) > 0 && text[0] == '\n' {
		text = text[1:]
	}
	text = bytes.TrimSuffix(text, newline)
	return text[:len(text):len(text)]
}

// columnAt names a column, if the header has so many.
func (r *Reader) columnAt(i int) string {
	if i < len(r.header) {
		return r.header[i]
	}
	return ""
}

// span tells the lines of a record that has several.
func (r *Reader) span(start, end int64) string {
	more := bytes.Count(r.raw(start, end), newline)
	if more == 0 {
		return ""
	}
	from := r.window.lineAt(start)
	return fmt.Sprintf(", from line %d to %d", from, from+more)
}

func quoteFault(err error) string {
	if errors.Is(err, csv.ErrBareQuote) {
		return "a quote stands inside a cell that does not begin with one"
	}
	return "a cell begins with a quote that is not closed at its end"
}

func fields(n int) string {
	if n == 1 {
		return "1 field"
	}
	return fmt.Sprintf("%d fields", n)
}

func isParse(err error) bool {
	var parse *csv.ParseError
	return errors.As(err, &parse)
}
