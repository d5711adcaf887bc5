package cli

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"relink/checkpoint"
	"relink/importer"
	"relink/importer/report"
)

// added are the columns behind those of the original file.
var added = []string{"relink_line", "relink_state", "relink_status", "relink_cause", "relink_message", "relink_trace_id"}

// writeFailures writes failed and rejected rows in the columns of their file.
func (p *program) writeFailures(w *wrong, l *ledger, imports []checkpoint.Import, suffix string) error {
	if len(imports) == 0 {
		return usage(errors.New("there are no imports"), "relink import FILE")
	}
	for _, imported := range imports[1:] {
		if !slices.Equal(imported.Header, imports[0].Header) {
			return usage(fmt.Errorf("the imports have different columns: %s (import %d) and %s (import %d)",
				imports[0].Name, imports[0].ID, imported.Name, imported.ID), fmt.Sprintf("write them one by one: relink failures --import %d --csv FILE", imported.ID))
		}
	}
	rows := int64(0)
	write := func(to io.Writer) error {
		out := newFailuresCSV(to, imports)
		err := out.head()
		if err == nil {
			err = l.Failures(p.soft, idsOf(imports), importer.Cause(w.cause), out.row)
		}
		rows = out.rows
		out.csv.Flush()
		return errors.Join(err, out.csv.Error())
	}
	if w.csv == "-" {
		if err := write(p.stdout); err != nil {
			return fmt.Errorf("writing the failures: %w", err)
		}
		return nil
	}
	err := writeWhole(w.csv, write)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return usage(fmt.Errorf("writing the failures: %w", err), "name a file in a folder that is there and may be written to")
	}
	if err != nil {
		return fmt.Errorf("writing the failures: %w", err)
	}
	fmt.Fprintf(p.stderr, "%s written to %s\n", report.Count(rows, "row", "rows"), report.Clean(w.csv))
	if rows > 0 {
		fmt.Fprintf(p.stderr, "  correct them, then: %s\n", report.Clean(importAgain(w.csv, imports[len(imports)-1], suffix)))
	}
	return nil
}

// writeWhole makes a file that is there whole or not at all, and not before it
// is on the disk.
func writeWhole(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // it is gone once renamed
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	if dir, err := os.Open(filepath.Dir(name)); err == nil {
		_ = dir.Sync() // not every system can: then the rename is as durable as it gets
		dir.Close()
	}
	return nil
}

// A failuresCSV writes failures as rows of the file they came from.
type failuresCSV struct {
	csv     *csv.Writer
	imports map[int64]checkpoint.Import
	first   checkpoint.Import
	keep    []int // columns that are written: all but those we added before
	ids     map[int]bool
	rows    int64
}

func newFailuresCSV(to io.Writer, imports []checkpoint.Import) *failuresCSV {
	f := &failuresCSV{csv: csv.NewWriter(to), imports: map[int64]checkpoint.Import{}, first: imports[0], ids: map[int]bool{}}
	for _, imported := range imports {
		f.imports[imported.ID] = imported
	}
	for i, name := range f.first.Header {
		// A file of failed rows that failed again has them already.
		if !slices.Contains(added, name) {
			f.keep = append(f.keep, i)
		}
	}
	for _, at := range f.first.Columns {
		f.ids[at] = true
	}
	return f
}

func (f *failuresCSV) head() error { return f.write(f.first.Header, added) }

// row writes one failure.
func (f *failuresCSV) row(failure *checkpoint.Failure) error {
	f.rows++
	status := ""
	if failure.Status > 0 {
		status = strconv.Itoa(failure.Status)
	}
	return f.write(f.cells(failure), []string{
		strconv.FormatInt(failure.Line, 10), state(failure), status, string(failure.Cause), failure.Message, failure.TraceID,
	})
}

// cells are the row as it stood in the file. One that cannot be taken apart, or
// not into the file's columns, goes whole into the first cell: it names no pair
// there, as it did not before.
func (f *failuresCSV) cells(failure *checkpoint.Failure) []string {
	of := f.imports[failure.Import]
	cells := make([]string, len(of.Header))
	if failure.Raw == nil && !failure.Rejected {
		r := failure.Relation
		for role, id := range [...]string{r.Location, r.Association, r.First, r.Second} {
			if role < len(of.Columns) && of.Columns[role] >= 0 && of.Columns[role] < len(cells) {
				cells[of.Columns[role]] = id
			}
		}
		return cells
	}
	if parsed := parse(failure.Raw, of.Delimiter); len(parsed) == len(cells) {
		return parsed
	}
	if len(cells) > 0 {
		cells[0] = formulaSafe(string(failure.Raw))
	}
	return cells
}

// parse takes a record apart, or returns nil if it is not one.
func parse(raw []byte, delimiter rune) []string {
	r := csv.NewReader(bytes.NewReader(raw))
	r.Comma = delimiter
	r.FieldsPerRecord = -1
	record, err := r.Read()
	if err != nil {
		return nil
	}
	if _, err := r.Read(); err != io.EOF {
		return nil
	}
	return record
}

// write writes the columns of a row that are kept, and ours. Cells that a
// spreadsheet would run are made harmless, ids are never changed.
func (f *failuresCSV) write(cells, ours []string) error {
	record := make([]string, 0, len(f.keep)+len(ours))
	for _, i := range f.keep {
		cell := cells[i]
		if !f.ids[i] {
			cell = formulaSafe(cell)
		}
		record = append(record, cell)
	}
	for _, cell := range ours {
		record = append(record, formulaSafe(cell))
	}
	return f.csv.Write(record)
}

// formulaSafe puts a ' before what a spreadsheet would take for a formula.
func formulaSafe(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
