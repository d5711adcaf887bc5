package source

import (
	"bytes"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relink/importer"
)

var update = flag.Bool("update", false, "write testdata/*.want anew")

// corpusOptions are those of the files that need any.
var corpusOptions = map[string]Options{
	"no_header":         {NoHeader: true, FirstColumn: "1", SecondColumn: "3", Location: "L", Association: "A"},
	"defaults":          {Location: "L", Association: "A", FirstColumn: "First"},
	"case_kept":         {Location: "L", Association: "A"},
	"swap":              {Swap: true},
	"spreadsheet_clean": {Clean: true},
}

// TestCorpus reads the awkward files of testdata; what should come of each
// stands beside it.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("testdata/*.csv")
	if err != nil || len(files) < 20 {
		t.Fatalf("corpus: %d files, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".csv")
		t.Run(name, func(t *testing.T) {
			r, err := Open(file, corpusOptions[name])
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			got := transcript(t, r)
			want := strings.TrimSuffix(file, ".csv") + ".want"
			if *update {
				if err := os.WriteFile(want, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			golden, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(golden) {
				t.Errorf("got:\n%s\nwant:\n%s", got, golden)
			}
			sum, size, err := Hash(file)
			if err != nil || sum != r.SHA256() || size != r.Size() || size != r.Position() {
				t.Errorf("Hash = %s %d %v, the reader says %s %d %d", sum, size, err, r.SHA256(), r.Size(), r.Position())
			}
		})
	}
}

// transcript is everything a reader has to tell.
func transcript(t testing.TB, r *Reader) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q %q\n", r.Encoding(), r.Delimiter(), r.Header())
	for _, line := range readAll(t, r) {
		fmt.Fprintln(&b, line)
	}
	fmt.Fprintf(&b, "%d trimmed\n", r.Trimmed())
	return b.String()
}

// readAll reads to the end and shows each line. It also holds every line to
// what is promised of all.
func readAll(t testing.TB, r *Reader) []string {
	var shown []string
	before := 0
	for {
		var line importer.Line
		if err := r.Next(&line); err == io.EOF {
			return shown
		} else if err != nil {
			t.Fatal(err)
		}
		if line.Number <= before {
			t.Errorf("line %d after line %d", line.Number, before)
		}
		before = line.Number
		shown = append(shown, show(line))
		check(t, r, line)
	}
}

func show(line importer.Line) string {
	s := fmt.Sprintf("%d: %s|%s|%s|%s", line.Number, line.Relation.Location, line.Relation.Association, line.Relation.First, line.Relation.Second)
	if e := line.Rejected; e != nil {
		s = fmt.Sprintf("%d: %s %q: %s", line.Number, e.Cause, e.Column, e.Message)
	}
	if line.Raw != nil {
		s += fmt.Sprintf(" raw %.80q", line.Raw)
	}
	return s
}

// check holds a line to its promises, whatever the input.
func check(t testing.TB, r *Reader, line importer.Line) {
	if line.Rejected != nil {
		if line.Relation != (importer.Relation{}) || line.Rejected.Cause == "" || line.Rejected.Message == "" {
			t.Errorf("incomplete rejection: %+v %+v", line, line.Rejected)
		}
		if len(line.Raw) == 0 || len(line.Raw) > maxRaw {
			t.Errorf("line %d: %d bytes of raw", line.Number, len(line.Raw))
		}
		return
	}
	ids := [roles]string{line.Relation.Location, line.Relation.Association, line.Relation.First, line.Relation.Second}
	for _, id := range ids {
		if err := fault(id); err != nil {
			t.Errorf("line %d: id %q: %+v", line.Number, id, err)
		}
	}
	if line.Raw == nil {
		return
	}
	again := csv.NewReader(bytes.NewReader(line.Raw))
	again.Comma = r.Delimiter()
	again.LazyQuotes = true
	record, err := again.Read()
	if err != nil || len(record) != len(r.Header()) {
		t.Errorf("line %d: raw %q reads as %q, %v", line.Number, line.Raw, record, err)
	}
	if _, err := again.Read(); !errors.Is(err, io.EOF) {
		t.Errorf("line %d: raw %q is more than one record", line.Number, line.Raw)
	}
}
