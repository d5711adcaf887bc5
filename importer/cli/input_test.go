package cli_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"relink/importer/cli"
)

// relink runs a command line in this process and returns what it printed.
func relink(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	dir := t.TempDir()
	var files [2]*os.File
	for i := range files {
		f, err := os.Create(filepath.Join(dir, fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		files[i] = f
	}
	ctx := context.Background()
	code = cli.Main(ctx, ctx, args, strings.NewReader(stdin), files[0], files[1])
	var texts [2]string
	for i, f := range files {
		text, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(text)
	}
	return code, texts[0], texts[1]
}

// TestSameFileInEveryForm imports one file in each encoding, delimiter, line
// end and compression: each tells the same pairs and the same rejections, so
// that all of them together make no more relations than one.
func TestSameFileInEveryForm(t *testing.T) {
	t.Setenv("RELINK_STATE_DIR", t.TempDir())
	t.Setenv("RELINK_DATABASE_URL", newDatabase(t))
	rows := [][]string{
		{"Location ID", "association_id", "FIRST", "second-record-id", "note"},
		{"loc", "assoc", "a", "1", "Zoë"},
		{"loc", "assoc", "b", "1", `say "hello"`},
		{"loc", "assoc", "", "1", "nobody"},
		{"loc", "assoc", "a", "1", "again"},
		{"loc", "assoc", "c", "2", "naïve; a | b,\tc"},
		{"loc", "assoc", "d d", "2", ""},
	}
	encodings := []struct {
		name   string
		encode func([]byte) ([]byte, error)
	}{
		{"utf8", func(b []byte) ([]byte, error) { return b, nil }},
		{"bom", func(b []byte) ([]byte, error) { return append([]byte("\uFEFF"), b...), nil }},
		{"utf16le", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes},
		{"utf16be", unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().Bytes},
		{"windows1252", charmap.Windows1252.NewEncoder().Bytes},
	}
	compressions := []struct {
		name     string
		compress func([]byte) []byte
	}{
		{"plain", func(b []byte) []byte { return b }},
		{"gzip", func(b []byte) []byte {
			var out bytes.Buffer
			w := gzip.NewWriter(&out)
			w.Write(b)
			w.Close()
			return out.Bytes()
		}},
		{"zstd", func(b []byte) []byte {
			w, _ := zstd.NewWriter(nil)
			return w.EncodeAll(b, nil)
		}},
	}
	dir := t.TempDir()
	args := []string{"import", "--sandbox", "--rate", "0", "--json", "--quiet"}
	for _, e := range encodings {
		for _, delimiter := range []string{",", ";", "\t", "|"} {
			for _, end := range []string{"\n", "\r\n"} {
				for _, c := range compressions {
					text, err := e.encode([]byte(table(rows, delimiter, end)))
					if err != nil {
						t.Fatal(err)
					}
					// Names tell nothing: what a file is, it says itself.
					name := filepath.Join(dir, fmt.Sprintf("%d.csv", len(args)))
					if err := os.WriteFile(name, c.compress(text), 0o600); err != nil {
						t.Fatal(err)
					}
					args = append(args, name)
				}
			}
		}
	}
	code, stdout, stderr := relink(t, "", args...)
	var summary struct {
		Files []struct {
			Name                               string
			Rows, Distinct, Repeated, Rejected int
			Created                            int
		}
		Requests struct{ Sent int }
	}
	if err := json.Unmarshal([]byte(stdout), &summary); code != 3 || err != nil {
		t.Fatalf("exit %d, want 3 (%v)\n%s\n%s", code, err, stdout, stderr)
	}
	if want := 5 * 4 * 2 * 3; len(summary.Files) != want {
		t.Errorf("%d imports, want %d: each form is a content of its own", len(summary.Files), want)
	}
	for _, f := range summary.Files {
		if f.Rows != 6 || f.Distinct != 3 || f.Repeated != 1 || f.Rejected != 2 || f.Created != 3 {
			t.Errorf("%+v, want 6 rows: 3 pairs, 1 repeated, 2 rejected", f)
		}
	}
	if summary.Requests.Sent != 3 {
		t.Errorf("%d requests for 3 pairs", summary.Requests.Sent)
	}
}

// table writes rows as a spreadsheet does: quotes only where they are needed.
func table(rows [][]string, delimiter, end string) string {
	var b strings.Builder
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				b.WriteString(delimiter)
			}
			if strings.ContainsAny(cell, `",;|`+"\t\n") {
				cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
			b.WriteString(cell)
		}
		b.WriteString(end)
	}
	return b.String()
}
