package report

import (
	"strings"
	"testing"
)

func sampleTable() *Table {
	t := &Table{Columns: []Column{{Name: "import", Right: true}, {Name: "file"}, {Name: "rows", Right: true}, {Name: "next", Fixed: true}}}
	t.Add("3", "links.csv", "120,000", "relink failures --import 3")
	t.Add("12", "a-very-long-name-of-a-\x1b[31mfile\x1b[0m-from-a-vendor.csv", "7")
	return t
}

func TestTable(t *testing.T) {
	got := sampleTable().Text(0)
	want := `
import  file                                             rows  next
     3  links.csv                                     120,000  relink failures --import 3
    12  a-very-long-name-of-a-file-from-a-vendor.csv        7
`[1:]
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestTableKeepsItsWidth(t *testing.T) {
	for _, width := range []int{60, 80, 200} {
		for line := range strings.Lines(sampleTable().Text(width)) {
			if n := cells(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("at %d columns a line takes %d: %q", width, n, line)
			}
		}
	}
	if got := sampleTable().Text(60); !strings.Contains(got, "relink failures --import 3\n") || !strings.Contains(got, "...") {
		t.Errorf("a Fixed column was shortened, or the other was not:\n%s", got)
	}
}

func TestTableWithoutNames(t *testing.T) {
	table := Table{Columns: []Column{{}, {Right: true}}}
	table.Add("created", "90,000")
	table.Add("failed", "12")
	if got, want := table.Text(0), "created  90,000\nfailed       12\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWrap(t *testing.T) {
	for _, test := range []struct {
		in    string
		width int
		want  string
	}{
		{"one two three", 0, "one two three\n"},
		{"one two three", 13, "one two three\n"},
		{"one two three four", 9, "one two\n  three\n  four\n"},
		{"unbreakable words", 5, "unbreakable\n  words\n"},
		{"", 5, "\n"},
	} {
		if got := wrap(test.in, test.width); got != test.want {
			t.Errorf("wrap(%q, %d) = %q, want %q", test.in, test.width, got, test.want)
		}
	}
}
