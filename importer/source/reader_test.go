package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/charmap"

	"relink/importer"
)

const header = "locationId,associationId,firstRecordId,secondRecordId\n"

// TestSameInEveryDress reads one file in each encoding, delimiter, line end and
// compression: the lines are the same.
func TestSameInEveryDress(t *testing.T) {
	plain := "firstRecordId,note,secondRecordId,locationId,associationId\n" +
		"f1,Zoë,s1,L,A\n\n\"f2\",\"two\nlines; and | more, with\ttab\",s2,L,A\nf3,x,,L,A\n f4 ,\"a \"\"b\"\"\",s4,L,A\nf5,x,s5,L,A"
	encodings := map[string]func(string) []byte{
		"utf-8":        func(s string) []byte { return []byte(s) },
		"utf-8 bom":    func(s string) []byte { return []byte("\ufeff" + s) },
		"utf-16le":     func(s string) []byte { return utf16Bytes(s, 0) },
		"utf-16be":     func(s string) []byte { return utf16Bytes(s, 1) },
		"windows-1252": func(s string) []byte { b, _ := charmap.Windows1252.NewEncoder().Bytes([]byte(s)); return b },
	}
	compressions := map[string]func([]byte) []byte{
		"none": func(b []byte) []byte { return b },
		"gzip": gzipped,
		"gzip twice": func(b []byte) []byte {
			return append(gzipped(b[:len(b)/2]), gzipped(b[len(b)/2:])...)
		},
		"zstd": func(b []byte) []byte { e, _ := zstd.NewWriter(nil); return e.EncodeAll(b, nil) },
	}
	var want []string
	for _, delimiter := range []string{",", ";", "\t", "|"} {
		for _, end := range []string{"\n", "\r\n", "\r"} {
			for encoding, encode := range encodings {
				for compression, compress := range compressions {
					s := redelimit(plain, delimiter)
					file := compress(encode(strings.ReplaceAll(s, "\n", end)))
					r, err := New("test", iotest.HalfReader(bytes.NewReader(file)), Options{})
					if err != nil {
						t.Fatalf("%q %q %s %s: %v", delimiter, end, encoding, compression, err)
					}
					var got []string
					for _, line := range readAll(t, r) {
						line, _, _ = strings.Cut(line, " raw ")
						got = append(got, line)
					}
					if want == nil {
						want = got
					}
					if !slices.Equal(got, want) || len(got) != 5 || r.Size() != int64(len(file)) {
						t.Errorf("%q %q %s %s: %q, want %q", delimiter, end, encoding, compression, got, want)
					}
					r.Close()
				}
			}
		}
	}
}

// redelimit exchanges the commas outside quotes.
func redelimit(s, delimiter string) string {
	parts := strings.Split(s, `"`)
	for i := 0; i < len(parts); i += 2 {
		parts[i] = strings.ReplaceAll(parts[i], ",", delimiter)
	}
	return strings.Join(parts, `"`)
}

func utf16Bytes(s string, high int) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + s)) {
		b := []byte{byte(u), byte(u >> 8)}
		out = append(out, b[high], b[1-high])
	}
	return out
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.Bytes()
}

// TestUnreadable is about files that give no lines: each error names the file
// and says what to do.
func TestUnreadable(t *testing.T) {
	given := Options{Location: "L", Association: "A"}
	tests := []struct {
		name, file string
		o          Options
		want       string
	}{
		{"empty", "", given, "x.csv: is empty; it should begin with a header such as locationId,associationId,firstRecordId,secondRecordId"},
		{"empty gzip", string(gzipped(nil)), given, "x.csv: has no header: there are only blank lines"},
		{"blank", "\n \r\n", given, "x.csv: has no header: there are only blank lines"},
		{"bom only", "\xef\xbb\xbf", given, "x.csv: has no header: there are only blank lines"},
		{"binary", "\x7fELF\x02\x01\x01\x00\x00\x00\x00", given, "x.csv:1: is binary, not a CSV; export the rows as CSV UTF-8"},
		{"control characters", "\x01\x02,\x03\n", given, "x.csv:1: is binary, not a CSV; export the rows as CSV UTF-8"},
		{"utf-16 without mark", "f\x00i\x00r\x00s\x00t\x00,\x00s\x00e\x00c\x00o\x00n\x00d\x00\n\x00", given, "x.csv:1: is binary, not a CSV; if it is UTF-16 without a byte order mark, say --encoding utf-16le"},
		{"workbook", "PK\x03\x04....", given, "x.csv: is an Excel workbook or another zip file, not a CSV; open it and save the sheet as CSV UTF-8, or unzip it"},
		{"cut gzip", string(gzipped([]byte(header + "L,A,f,s\n"))[:30]), given, "x.csv: the gzip data are damaged or cut short: it ends too early; copy or export the file again"},
		{"no roles", "a,b\n", given, `x.csv:1: no column holds the firstRecordId; the header is "a", "b"; name the column: --first-column NAME; if the first line is a row already: --no-header with column numbers`},
		{"missing location", "first,second\n", Options{Association: "A"}, `x.csv:1: no column holds the locationId; the header is "first", "second"; name the column: --location-column NAME, or give one id for all rows: --location ID`},
		{"near miss", "\nfirst_recordid,secnd record id\n", given, `x.csv:2: no column holds the secondRecordId; the header is "first_recordid", "secnd record id"; did you mean "secnd record id"? then say --second-column "secnd record id"`},
		{"doubled", "first,second,First ID\n", given, `x.csv:1: columns 1 ("first") and 3 ("First ID") both claim to be the firstRecordId; say which one: --first-column 1`},
		{"doubled name", "a,b,a\n", Options{FirstColumn: "a"}, `x.csv:1: columns 1 and 3 are both called "a", which --first-column names; give the number: --first-column 1`},
		{"flag slips", "contact,second\n", Options{FirstColumn: "Contcat"}, `x.csv:1: no column is called "Contcat", as --first-column says; the header is "contact", "second"; did you mean "contact"?`},
		{"one column for two", "a,b\n", Options{FirstColumn: "a", SecondColumn: "1"}, `x.csv:1: column "a": --first-column and --second-column both name it; one column has one role`},
		{"number", "a,b\n", Options{FirstColumn: "3"}, `x.csv:1: --first-column 3: there are 2 columns, counted from 1`},
		{"name without header", "f,s\n", Options{NoHeader: true, FirstColumn: "a"}, `x.csv:1: --first-column "a" is a name, but with --no-header there are none; give the column's number, counted from 1: --first-column 3`},
		{"no header, no numbers", "f,s\n", Options{NoHeader: true, Location: "L", Association: "A"}, `x.csv:1: with --no-header nothing says which column holds the firstRecordId; the first line is "f", "s"; give its number, counted from 1: --first-column 3`},
		{"header quote", "first,\"second\nf,s\n", given, `x.csv:1: the header has a broken quote; quotes stand around a whole name, and are doubled inside it`},
		{"encoding", "first,second\n", Options{Encoding: "klingon"}, `x.csv: --encoding "klingon" is not known; known are cp437, cp850, iso-8859-1, iso-8859-15, iso-8859-2, macintosh, utf-16be, utf-16le, utf-8, windows-1250, windows-1251, windows-1252`},
		{"default", "first,second\n", Options{Location: "a b"}, `x.csv: --location "a b" is no id: it has spaces, control characters or more than 512 bytes`},
		{"delimiter", "first,second\n", Options{Delimiter: '"'}, `x.csv: --delimiter '"' cannot separate fields`},
	}
	for _, test := range tests {
		r, err := New("x.csv", strings.NewReader(test.file), test.o)
		var e *Error
		if !errors.As(err, &e) || err.Error() != test.want {
			t.Errorf("%s:\ngot  %v\nwant %s", test.name, err, test.want)
		}
		if r != nil {
			t.Errorf("%s: a reader besides the error", test.name)
		}
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]string{
		dir:           "is a folder; name the CSV files in it",
		dir + "/none": "cannot be opened: no such file or directory; check the name, and the folder you are in",
	} {
		var e *Error
		if _, err := Open(name, Options{}); !errors.As(err, &e) || err.Error() != name+": "+want {
			t.Errorf("got %v, want %s", err, want)
		}
		if _, _, err := Hash(name); !errors.As(err, &e) {
			t.Errorf("Hash: %v", err)
		}
	}
	if err := os.WriteFile(dir+"/in.csv", []byte(header+"L,A,f,s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(dir + "/in.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func(was *os.File) { stdin = was }(stdin)
	stdin = f
	r, err := Open("-", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, r); !slices.Equal(got, []string{"2: L|A|f|s"}) {
		t.Errorf("got %q", got)
	}
	r.Close()
	r.Close()
	if err := r.Next(new(importer.Line)); err != io.EOF {
		t.Errorf("after the end: %v", err)
	}
}

// TestCutOff is about a source that breaks: an error with file and line, every
// time it is asked, and no line of what came half.
func TestCutOff(t *testing.T) {
	broken := errors.New("cable pulled")
	text := header + strings.Repeat("L,A,f,s\n", 20_000) + "L,A,half,ha"
	r, err := New("x.csv", io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var line importer.Line
	rows := 0
	for err = r.Next(&line); err == nil; err = r.Next(&line) {
		rows++
	}
	var e *Error
	if rows != 20_000 || !errors.As(err, &e) || !errors.Is(err, broken) || err.Error() != "x.csv:20002: cannot be read on: cable pulled" {
		t.Errorf("%d rows, %v", rows, err)
	}
	if again := r.Next(&line); again != err {
		t.Errorf("again: %v", again)
	}
	if r.SHA256() != "" {
		t.Error("a hash of half a file")
	}
	cut := gzipped([]byte(text))
	r, err = New("x.csv.gz", bytes.NewReader(cut[:len(cut)-9]), Options{})
	for err == nil {
		err = r.Next(&line)
	}
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "the gzip data are damaged or cut short") {
		t.Errorf("cut gzip: %v", err)
	}
}

func TestReading(t *testing.T) {
	if a, b := (Options{Encoding: "Latin-1", FirstColumn: " a "}).Reading(), (Options{Encoding: "iso_8859_1", FirstColumn: "a"}).Reading(); a != b {
		t.Errorf("%s\n%s", a, b)
	}
	seen := map[string]bool{}
	for _, o := range []Options{{}, {Location: "a"}, {Association: "a"}, {FirstColumn: "a"}, {SecondColumn: "a"}, {LocationColumn: "a"}, {AssociationColumn: "a"}, {NoHeader: true}, {Delimiter: ';'}, {Encoding: "utf-8"}, {Swap: true}, {Clean: true}} {
		if seen[o.Reading()] {
			t.Errorf("%+v reads like another", o)
		}
		seen[o.Reading()] = true
	}
}

func TestOnlyHeader(t *testing.T) {
	if pairs, rejected := readOurs(t, strings.NewReader(header), Options{}); pairs+rejected != 0 {
		t.Error(pairs, rejected)
	}
}

func TestManyBlankLines(t *testing.T) {
	file := strings.Repeat("\n", 3<<20) + header + strings.Repeat("\r\n", 3<<20) + "L,A,f,s\n"
	r, err := New("x", strings.NewReader(file), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, want := readAll(t, r), []string{fmt.Sprintf("%d: L|A|f|s", 6<<20+2)}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
