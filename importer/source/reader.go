package source

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"strings"

	"relink/importer"
)

// A Reader reads the lines of one file. Open or New makes one; it is used by
// one goroutine, except for Position.
type Reader struct {
	name    string
	options Options

	file  *os.File // to be closed, nil when the caller's
	tally *tally
	ends  func() // ends the expander
	size  int64
	hash  string
	err   error // sticky: io.EOF or why it cannot be read on

	window    *window
	ahead     *bufio.Reader // between window and csv
	csv       *csv.Reader
	base      int64 // where csv began in the text
	lines     int   // lines before that
	encoding  string
	guessed   bool
	delimiter rune
	header    []string
	columns   columns
	extra     bool // there are columns without a role

	last    [roles]string // ids of the last pair, or of an earlier one where only the records differ
	trimmed int
	long    []byte // the beginning of a line that the window let go
}

// Open opens a file, or standard input for "-", and reads its header. Every
// error is an *Error.
func Open(name string, o Options) (*Reader, error) {
	f, size, err := openFile(name)
	if err != nil {
		return nil, err
	}
	r, err := New(name, f, o)
	if err != nil {
		f.Close()
		return nil, err
	}
	r.file, r.size = f, size
	return r, nil
}

// New reads the header of what src holds; name stands in messages. Every error
// is an *Error. Close must be called in the end; it does not close src.
func New(name string, src io.Reader, o Options) (*Reader, error) {
	r := &Reader{name: shown(name), options: o, ends: func() {}}
	if err := o.check(); err != nil {
		err.File = r.name
		return nil, err
	}
	r.tally = newTally(src)
	if err := r.begin(); err != nil {
		r.Close()
		return nil, r.located(err, 0)
	}
	return r, nil
}

// begin builds the way of a byte and reads the header.
func (r *Reader) begin() error {
	raw := bufio.NewReaderSize(r.tally, block)
	if _, err := raw.Peek(1); err == io.EOF {
		return &Error{Reason: "is empty", Hint: "it should begin with a header such as " + strings.Join(roleNames[:], ",")}
	}
	expanded, ends, err := expand(raw)
	if err != nil {
		return err
	}
	r.ends = ends
	decoded, err := decode(bufio.NewReaderSize(expanded, block), r.options.Encoding)
	if err != nil {
		return err
	}
	r.encoding, r.guessed = decoded.encoding, decoded.guessed
	r.window = &window{src: &lineEnds{src: decoded}}
	r.ahead = bufio.NewReaderSize(r.window, block)
	return r.readHeader()
}

// restart lets encoding/csv read on from an offset that the window holds.
func (r *Reader) restart(off int64) {
	r.window.rewind(off)
	r.base, r.lines = off, r.window.lines
	r.ahead.Reset(r.window)
	r.csv = csv.NewReader(r.ahead) // takes ahead as it is, since it is large
	r.csv.Comma = r.delimiter
	r.csv.ReuseRecord = true
	r.csv.FieldsPerRecord = len(r.header)
	if len(r.header) == 0 {
		r.csv.FieldsPerRecord = -1
	}
}

// Next reads the next line. io.EOF means that all were read; any other error is
// an *Error and means that the file cannot be read on. The strings of a good
// line's Relation share one piece of memory with the rest of their line.
//
// Raw is set for a good line if the file has columns besides the ids, if an id
// was trimmed or cleaned, and always with Swap. It holds the line's bytes in
// the file's own quoting and delimiter, line ends inside quotes as LF.
func (r *Reader) Next(line *importer.Line) error {
	for r.err == nil {
		r.window.mark = r.base + r.csv.InputOffset()
		record, err := r.csv.Read()
		start, end := r.window.mark, r.base+r.csv.InputOffset()
		if err != nil || end-start > maxRecord {
			if r.recover(line, record, err) {
				return nil
			}
			continue
		}
		number, _ := r.csv.FieldPos(0)
		*line = importer.Line{Number: r.lines + number}
		if start < r.window.suspect && r.undecodable(line, record, start, end) {
			return nil
		}
		r.relate(line, record, start, end)
		return nil
	}
	return r.err
}

// Header is the names of the file's columns as they stand there. Without a
// header it is the usual names for the ids and column5, … for the others.
func (r *Reader) Header() []string { return r.header }

// Delimiter is what separates the fields.
func (r *Reader) Delimiter() rune { return r.delimiter }

// Encoding is what the text is encoded in.
func (r *Reader) Encoding() string { return r.encoding }

// SHA256 is the hash of the file's bytes, in hex. It is empty before Next has
// returned io.EOF.
func (r *Reader) SHA256() string { return r.hash }

// Size is how many bytes the file has: what the file system said, and after
// io.EOF what was read. 0 where that is not known.
func (r *Reader) Size() int64 { return r.size }

// Position is how many bytes of the file were read, compressed ones where it is
// compressed. It may be called from any goroutine.
func (r *Reader) Position() int64 { return r.tally.read.Load() }

// Trimmed counts the ids of good lines that had blanks around them, or were
// changed by Clean.
func (r *Reader) Trimmed() int { return r.trimmed }

// finish reads to the end what no one asked for, so that the hash is that of
// the whole file.
func (r *Reader) finish() error {
	if _, err := io.Copy(io.Discard, r.tally); err != nil {
		return err
	}
	r.hash = r.tally.sum()
	r.size = r.tally.read.Load()
	return io.EOF
}

// located completes an error with the file and line.
func (r *Reader) located(err error, line int) error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Reason: "cannot be read on: " + cause(err), Err: err}
	}
	e.File = r.name
	if e.Line == 0 {
		e.Line = line
	}
	return e
}

// Close ends the reading. It may be called at any time, and twice.
func (r *Reader) Close() error {
	if r.err == nil {
		r.err = &Error{File: r.name, Reason: "is closed", Err: os.ErrClosed}
	}
	r.ends()
	r.ends = func() {}
	r.tally.close()
	if r.file == nil {
		return nil
	}
	f := r.file
	r.file = nil
	return f.Close()
}
