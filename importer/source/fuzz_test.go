package source

import (
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"relink/importer"
)

// fuzzOptions need no header that fits, so that most input gets to the rows.
var fuzzOptions = Options{NoHeader: true, FirstColumn: "1", SecondColumn: "2", Location: "L", Association: "A", Delimiter: ','}

// FuzzReader holds the reader to its promises on any bytes, with encoding/csv
// as the judge of what the records are.
func FuzzReader(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.csv")
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, seed := range []string{"", "\n", "a,b\n", "a,b\n\"", "a,b\n\"\n\"\n", "a,b\nc,\"d\ne,f\n", "a,b,c\nd,e,\"\nf,g,h\"\n", "a,b\r\r\nc,d\r", "\x1f\x8b", "sep=,\na,b", "a,b\n\xff,\x00\n", "a,b\nc\n\"d\ne\"\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		once, err := readLines(t, bytes.NewReader(file), fuzzOptions)
		again, err2 := readLines(t, iotest.OneByteReader(bytes.NewReader(file)), fuzzOptions)
		if (err == nil) != (err2 == nil) || !slices.EqualFunc(once, again, same) {
			t.Fatalf("not the same twice:\n%v %v\n%v %v", once, err, again, err2)
		}
		if err == nil {
			judge(t, file, once)
		}
	})
}

// readLines collects the lines of a file that can be read, with their bytes.
func readLines(t testing.TB, src io.Reader, o Options) ([]importer.Line, error) {
	r, err := New("fuzz", src, o)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var lines []importer.Line
	for {
		var line importer.Line
		if err := r.Next(&line); err == io.EOF {
			return lines, nil
		} else if err != nil {
			return lines, err
		}
		if len(lines) > 0 && line.Number <= lines[len(lines)-1].Number {
			t.Fatalf("line %d after line %d", line.Number, lines[len(lines)-1].Number)
		}
		check(t, r, line)
		line.Raw = bytes.Clone(line.Raw)
		lines = append(lines, line)
	}
}

func same(a, b importer.Line) bool {
	return show(a) == show(b) && bytes.Equal(a.Raw, b.Raw)
}

// judge compares lines with what encoding/csv makes of the file, where it reads
// that without an error.
func judge(t *testing.T, file []byte, lines []importer.Line) {
	for _, mark := range []string{"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff", "\x1f\x8b", "\x28\xb5\x2f\xfd"} {
		if bytes.HasPrefix(file, []byte(mark)) {
			return
		}
	}
	if !utf8.Valid(file) || bytes.Contains(bytes.ToLower(file), []byte("sep=")) {
		return
	}
	lf := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(file))
	oracle := csv.NewReader(strings.NewReader(lf))
	type record struct {
		cells    []string
		from, to int
	}
	var records []record
	for {
		cells, err := oracle.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return
		}
		from, _ := oracle.FieldPos(0)
		to, _ := oracle.FieldPos(len(cells) - 1)
		to += strings.Count(cells[len(cells)-1], "\n")
		records = append(records, record{cells, from, to})
	}
	for _, rec := range records {
		var mine []importer.Line
		for len(lines) > 0 && lines[0].Number <= rec.to {
			mine, lines = append(mine, lines[0]), lines[1:]
		}
		if len(mine) == 0 || mine[0].Number != rec.from {
			if rec.from == 1 || strings.TrimSpace(strings.Join(rec.cells, "")) == "" {
				continue // blanks before the first row are skipped
			}
			t.Fatalf("record %+v is lost: %v", rec, mine)
		}
		if len(mine) > 1 && mine[0].Rejected == nil || len(mine) > 1 && rec.from == rec.to {
			t.Fatalf("record %+v became %v", rec, mine)
		}
		if pair := mine[0]; pair.Rejected == nil {
			if got, want := [2]string{pair.Relation.First, pair.Relation.Second}, [2]string{trim(rec.cells[0]), trim(rec.cells[1])}; got != want {
				t.Fatalf("record %+v became %q", rec, got)
			}
		} else if len(mine) == 1 && rec.from == rec.to && fault(trim(rec.cells[0])) == nil && fault(trim(rec.cells[1])) == nil && !strings.Contains(strings.Join(rec.cells, ""), "\x00") {
			t.Fatalf("record %+v was rejected: %+v", rec, pair.Rejected)
		}
	}
	if len(lines) > 0 {
		t.Fatalf("lines that are no records: %v", lines)
	}
}

// FuzzHeader holds the mapping of headers to its promises.
func FuzzHeader(f *testing.F) {
	f.Add("locationId,associationId,first,second", "", "")
	f.Add("first,firstId,second", "firstId", "2")
	f.Add(" Location_ID ,ASSOCIATION-ID,\u200bfirst,second", "", "3")
	f.Add(",,,", "1", "2")
	f.Fuzz(func(t *testing.T, line, first, second string) {
		header := strings.Split(line, ",")
		o := Options{Location: "L", Association: "A", FirstColumn: first, SecondColumn: second}
		found, err := findColumns(header, o)
		if err != nil {
			if err.Reason == "" || !utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\x00\n\x1b") {
				t.Fatalf("%q", err.Error())
			}
			return
		}
		seen := map[int]bool{}
		for role, at := range found {
			if at < 0 && role >= roleFirst || at >= len(header) || at >= 0 && seen[at] {
				t.Fatalf("%q: %v", header, found)
			}
			seen[at] = true
		}
	})
}
