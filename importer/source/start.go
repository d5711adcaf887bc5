package source

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// readHeader reads the first record, finds out what separates its fields and
// what they mean, and leaves the reader before the first row.
func (r *Reader) readHeader() error {
	w := r.window
	w.skipBlank()
	r.delimiter = r.options.Delimiter
	if sep := sepLine(w.peekLine()); sep != 0 {
		w.skipLine()
		w.skipBlank()
		if r.delimiter == 0 {
			r.delimiter = sep
		}
	}
	first := w.peekLine()
	if len(first) > maxRecord {
		return errLongHeader()
	}
	if r.delimiter == 0 {
		r.delimiter = findDelimiter(first, r.options)
	}
	start := w.position()
	r.restart(start)
	record, err := r.csv.Read()
	switch end := r.base + r.csv.InputOffset(); {
	case errors.Is(err, errLong) || end-start > maxRecord:
		return errLongHeader()
	case err == io.EOF:
		return &Error{Reason: "has no header: there are only blank lines"}
	case err != nil && !isParse(err):
		return err
	case err != nil:
		return &Error{Line: r.lines + 1, Reason: "the header has a broken quote", Hint: "quotes stand around a whole name, and are doubled inside it", Err: err}
	case binary(w.text(start, end)):
		return errBinary(w.text(start, end))
	}
	r.header = slices.Clone(record)
	found, e := findColumns(r.header, r.options)
	if e != nil {
		e.Line = r.lines + 1
		return e
	}
	r.assign(found)
	if r.options.NoHeader {
		r.restart(start)
	} else {
		r.csv.FieldsPerRecord = len(r.header)
	}
	return nil
}

func errLongHeader() *Error {
	return &Error{
		Reason: fmt.Sprintf("the first line is longer than %d MiB", maxRecord>>20),
		Hint:   "is it a CSV? its lines should end with line breaks, and quotes be closed",
	}
}

// assign keeps what each column means.
func (r *Reader) assign(found columns) {
	r.columns = found
	r.last = r.options.defaults()
	used := 0
	if r.options.NoHeader {
		for i := range r.header {
			r.header[i] = fmt.Sprintf("column%d", i+1)
		}
	}
	for role, at := range found {
		if at < 0 {
			continue
		}
		used++
		r.last[role] = ""
		if r.options.NoHeader {
			r.header[at] = roleNames[role]
		}
	}
	r.extra = len(r.header) > used
}
